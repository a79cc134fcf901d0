import type { BlockSlot } from "../../../kernels/index.ts";
import type { CompiledStep } from "../../plan.ts";
import type { WrittenStep } from "./block-step.ts";
import { type Rounds, roundsOf } from "./rounds.ts";
import { type BlockSpace, blockRows, kind, logic, rows } from "./space.ts";
import { mostNamed as mostMet } from "./space-needs.ts";
import type { Tallies, Tally } from "./tallies.ts";
import { writeTouches } from "./touches.ts";

/** A step that has to know of blocks in which it does not run. */
export interface IdleStep extends WrittenStep {
  /** Puts behind the work what is done for these. */
  idle(): void;
}

/** A field of an object with those below it. */
interface Child {
  /** Where its value is; undefined for an object. */
  own: BlockSlot | undefined;
  /** Slots below it, by their path from it on. */
  readonly below: (readonly [path: readonly string[], slot: BlockSlot])[];
}

function childrenOf(space: BlockSpace, source: string): Map<string, Child> {
  const children = new Map<string, Child>();
  for (const [path, slot] of space.fieldsBelow(source)) {
    const [name = "", ...rest] = path;
    const child = children.get(name) ?? { own: undefined, below: [] };
    children.set(name, child);
    if (rest.length === 0) child.own = slot;
    else child.below.push([rest, slot]);
  }
  return children;
}

/** Copies of the values of a field. `slots` are those that are written. */
interface Copy {
  readonly from: BlockSlot;
  readonly to: BlockSlot;
}

/** Where the values of a field go; undefined where that is no slot, or one that others fill. */
function copiesOf(space: BlockSpace, { own, below }: Child, target: readonly string[]): Copy[] | undefined {
  const copies: Copy[] = [];
  if (own) {
    const to = space.at(target);
    if (!to || space.below(target.join(".")).length > 0) return undefined;
    copies.push({ from: own, to });
  }
  const written = space.below(target.join("."));
  if (own ? below.length > 0 : space.at(target) || written.length !== below.length) return undefined;
  for (const [path, from] of below) {
    const to = space.at([...target, ...path]);
    // The whole object is written anew, and none is there that another step has made.
    if (!to || space.version(to) > 0) return undefined;
    copies.push({ from, to });
  }
  return copies;
}

/** What a `foreach` does, before it is known in which blocks. */
interface Form {
  readonly writes: readonly BlockSlot[];
  write(mask: number): void;
}

/** What all forms of a `foreach` share. */
interface Given {
  readonly space: BlockSpace;
  readonly tallies: Tallies;
  readonly source: string;
  readonly children: ReadonlyMap<string, Child>;
  /** Where its object is there. */
  readonly there: number;
}

/**
 * Goes through the fields of an object: those that steps name, and those that lines are the first to name. `always`: for each row. Undefined for steps of
 * other forms.
 */
export function makeForeach(
  space: BlockSpace,
  tallies: Tallies,
  step: CompiledStep,
  always: boolean,
): IdleStep | undefined {
  const { source } = step.step.foreach!;
  const there = space.there.of(source)?.mask;
  const rounds = there === undefined ? undefined : roundsOf(step);
  if (!rounds || there === undefined || (rounds.kind === "clean" && !always)) return undefined;
  const given = { space, tallies, source, children: childrenOf(space, source), there };
  const { kernel, work } = space;
  const first = tallies.next;
  const form = rounds.kind === "clean" ? clean(given, rounds) : spread(given, rounds);
  if (!form) return undefined;
  const counted: number[] = [];
  for (let at = first; at < tallies.next; at += blockRows) counted.push(at);
  const list = kernel.putWords(counted);
  const ran = kernel.take(1);
  return {
    writes: form.writes,
    write: (mask, missed) => {
      work.push({ raise: ran });
      form.write(mask);
      space.logic(logic.without, mask, there, missed);
    },
    idle: () => {
      const body = work.apart(() => work.kernel("clear", list, counted.length, blockRows));
      work.push({ noted: ran, lower: true, body });
    },
  };
}

/** Notes in which rows a field is. */
function note({ space, source }: Given, name: string, { own }: Child, out: number): void {
  const object = space.there.of(`${source}.${name}`);
  if (own) space.work.kernel("exists", own.kindsAt, out, rows);
  else space.logic(logic.or, object!.mask, object!.mask, out);
}

/** A field that a line was the first to name, with a mask that is counted. */
interface Met {
  readonly name: string;
  readonly was: number;
}

/** The fields that lines name, up to as many as there is room for. */
class MetFields {
  readonly #given: Given;
  readonly #masks: number[];
  readonly met = new Map<string, Met>();

  constructor(given: Given) {
    this.#given = given;
    this.#masks = given.space.hasTrees ? Array.from({ length: mostMet }, () => given.tallies.mask()) : [];
  }

  /** How many more there may be. */
  get room(): number {
    return this.#masks.length;
  }

  /** Undefined where there is no room. */
  add(name: string, ...counted: readonly Tally[]): Met | undefined {
    const was = this.#masks.pop();
    if (was === undefined) return undefined;
    this.#given.tallies.fill(was, ...counted);
    const met = { name, was };
    this.met.set(name, met);
    return met;
  }

  /** Notes where they are, among the rows of a mask. */
  note(active: number): void {
    const { space, source } = this.#given;
    const { calls } = space.kernel;
    for (const { name, was } of this.met.values()) {
      const field = `${source}.${name}`;
      const own = space.nameOf(field.slice(4));
      const object = space.there.of(field);
      if (own) calls.exists(own.kindsAt, was, space.count);
      else calls.logic(logic.without, was, was, was, space.count);
      if (object) calls.logic(logic.or, was, object.mask, was, space.count);
      calls.logic(logic.and, was, active, was, space.count);
    }
  }
}

function clean(given: Given, { words, counters }: Rounds & { kind: "clean" }): Form {
  const { space, tallies, source, children, there } = given;
  const { kernel } = space;
  const own = [...children].map(([name, child]) => ({
    name,
    child,
    was: tallies.mask({ skipped: counters }),
    ran: child.own ? tallies.mask({ counters, key: "runs" }) : 0,
  }));
  const texts = own.filter(({ child }) => child.own);
  const fields = new MetFields(given);
  const gone = new Map<string, number>();
  const ran: number[] = fields.room > 0 ? Array.from({ length: mostMet }, () => tallies.mask()) : [];
  if (fields.room > 0)
    space.loops.add(source, {
      take: (name) => {
        if (children.has(name) || fields.met.has(name)) return true;
        const mask = ran.pop();
        if (mask === undefined || !fields.add(name, { skipped: counters })) return false;
        tallies.fill(mask, { counters, key: "runs" });
        gone.set(name, mask);
        return true;
      },
    });
  const isWord = (from: number, to: number): boolean =>
    words.some((word) => word.length === to - from && (to === from || space.text(from, to) === word));
  return {
    writes: texts.map(({ child }) => child.own!),
    write: () => {
      for (const { name, child, was } of own) note(given, name, child, was);
      const touches = texts.map(({ child }) => ({ kind: "delete", words, slots: [child.own!] }) as const);
      writeTouches(
        space,
        touches,
        texts.map((one) => ({ ran: one.ran, missed: 0 })),
      );
      if (fields.room === 0) return;
      space.work.push(() => {
        fields.note(there);
        for (const [name, mask] of gone) {
          space.clear(mask);
          const slot = space.nameOf(`${source}.${name}`.slice(4));
          if (slot) takeWords(slot, mask);
        }
      });
    },
  };

  function takeWords({ kinds, places }: BlockSlot, mask: number): void {
    const { memory } = kernel;
    for (let row = 0; row < space.count; row++) {
      if (kinds[row] !== kind.text || !isWord(places[row * 2]!, places[row * 2 + 1]!)) continue;
      kinds[row] = kind.absent;
      memory[mask + row] = 1;
    }
  }
}

function spread(given: Given, { of }: Rounds & { kind: "spread" }): Form | undefined {
  const { space, tallies, source, children, there } = given;
  const { kernel, work } = space;
  const targets = new Set<string>();
  const own: {
    name: string;
    child: Child;
    target: string | undefined;
    was: number;
    copies: readonly Copy[];
  }[] = [];
  for (const [name, child] of children) {
    const round = of(name);
    const copies = round && (round.target ? copiesOf(space, child, round.target) : []);
    const target = round?.target?.join(".") ?? `no ${name}`;
    if (!copies || targets.has(target)) return undefined;
    targets.add(target);
    const column = round.target?.slice(1).join(".");
    own.push({ name, child, target: column, was: tallies.mask(...round.counted), copies });
  }
  const active = kernel.mask();
  const fields = new MetFields(given);
  const moved = fields.room > 0 ? space.freshMask() : 0;
  if (fields.room > 0) {
    if (space.loops.isMoving(source)) return undefined;
    space.loops.add(source, { take: takeField }, true);
    for (const { name, target } of own)
      if (children.get(name)!.below.length > 0) space.loops.move(`${source}.${name}`.slice(4), target);
    // What was not moved is nowhere; where its object is still there, it is in two places.
    space.atEnd(() => {
      space.logic(logic.or, space.open, there, space.open);
      const left = kernel.mask();
      space.logic(logic.not, moved, moved, left);
      work.push(() => {
        for (const slot of space.namedBelow(source))
          kernel.calls.remove(slot.kindsAt, left, space.count, left);
      });
    });
  }
  return {
    writes: own.flatMap(({ copies }) => copies.map(({ to }) => to)),
    write: (mask: number) => {
      space.logic(logic.and, mask, there, active);
      for (const { name, child, was, copies } of own) {
        note(given, name, child, was);
        space.logic(logic.and, was, active, was);
        for (const { from, to } of copies)
          work.kernel("copy", from.kindsAt, from.valuesAt, to.kindsAt, to.valuesAt, active, rows);
      }
      if (fields.room === 0) return;
      space.logic(logic.or, moved, active, moved);
      work.push(() => fields.note(active));
      space.loops.write(source);
    },
  };

  function takeField(name: string): boolean {
    if (children.has(name) || fields.met.has(name)) return true;
    const round = of(name);
    const [top, target, ...deeper] = round?.target ?? ["log"];
    if (!round || top !== "log" || deeper.length > 0) return false;
    if (target !== undefined && !space.isFree(target)) return false;
    if (!fields.add(name, ...round.counted)) return false;
    space.loops.move(`${source}.${name}`.slice(4), target);
    return true;
  }
}
