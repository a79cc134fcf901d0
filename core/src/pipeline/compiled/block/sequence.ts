import type { CompiledStep } from "../../plan.ts";
import type { Counts } from "../counts.ts";
import type { Layout } from "../layout.ts";
import type { NativeContext } from "../natives/native.ts";
import type { BlockAsks } from "./asks.ts";
import { becomesNumber } from "./early-numbers.ts";
import { type IdleStep, makeForeach } from "./foreach.ts";
import { blockForm } from "./forms.ts";
import { type FieldValues, makeSet } from "./set.ts";
import { type BlockSpace, blockRows, logic, NoBlock, rows } from "./space.ts";
import type { BlockStep, WrittenStep } from "./steps.ts";
import type { Tallies } from "./tallies.ts";
import { type TouchStep, touchesTogether, touchOf, writeTouches } from "./touches.ts";
import type { Work, WorkCall } from "./work.ts";

type Form = BlockStep | WrittenStep | IdleStep;

/** What a switch does for the rows of one case. */
interface Case {
  readonly mask: number;
  readonly work: readonly Work[];
  /** Its counted masks, and a byte that is not 0 where these may hold something. */
  readonly counted: readonly number[];
  readonly ran: number;
}

const noForm = (): NoBlock => new NoBlock("a step of its kind, with these options, has no form for blocks");

/** Puts the steps of a pipeline behind the work of a space. */
export class Sequence {
  readonly #space: BlockSpace;
  readonly #layout: Layout;
  readonly #asks: BlockAsks;
  readonly #tallies: Tallies;
  readonly #context: NativeContext;
  readonly #all: number;

  constructor(space: BlockSpace, layout: Layout, asks: BlockAsks, tallies: Tallies, context: NativeContext) {
    this.#space = space;
    this.#layout = layout;
    this.#asks = asks;
    this.#tallies = tallies;
    this.#context = context;
    this.#all = space.kernel.mask();
  }

  /** The steps of a pipeline itself. Throws NoBlock, whose message names the step. */
  write(steps: readonly CompiledStep[], counts: Counts): void {
    const touches = steps.map((step) => touchOf(this.#space, this.#layout, step));
    for (let index = 0; index < steps.length; ) {
      const together = touchesTogether(touches.slice(index));
      if (together.length > 1) {
        this.#touch(steps, index, together, counts);
        index += together.length;
      } else this.#one(steps, index++, counts);
    }
  }

  #masks(steps: readonly CompiledStep[], index: number, counts: Counts): { ran: number; missed: number } {
    const head = steps[index]!.where && counts.runsOf(index) === index;
    const ran = this.#tallies.mask(...(head ? [{ at: counts.at(index, "runs") }] : []));
    return { ran, missed: this.#tallies.mask({ at: counts.at(index, "missed") }) };
  }

  #one(steps: readonly CompiledStep[], index: number, counts: Counts): void {
    const { open } = this.#space;
    const step = steps[index]!;
    this.#told(step, () => {
      const { ran, missed } = this.#masks(steps, index, counts);
      const where = step.where && this.#asks.write(step.where);
      const own = this.#step(step, steps.slice(index + 1));
      if (!own && where === undefined) throw noForm();
      const mask = where === undefined ? this.#all : ran;
      const numbers = where === undefined ? [logic.not, open, open] : [logic.without, where, open];
      this.#run(step, own, mask, missed, { kernel: "logic", numbers: [...numbers, mask, rows] });
    });
  }

  /** Steps from one on that change texts where they lie, together. */
  #touch(steps: readonly CompiledStep[], first: number, touches: readonly TouchStep[], counts: Counts): void {
    const space = this.#space;
    const masks = touches.map((_, index) => this.#masks(steps, first + index, counts));
    writeTouches(space, touches, masks);
    space.work.push({ done: steps[first + touches.length - 1]! });
    for (const [index, { kind, slots }] of touches.entries()) {
      for (const slot of slots) space.writes(slot, kind === "delete" ? [] : undefined);
      space.there.note(slots, masks[index]!.ran);
    }
  }

  /** Steps inside another one, for the rows of `active`, as work of its own. */
  #nested(steps: readonly CompiledStep[], active: number): void {
    const space = this.#space;
    const { open } = space;
    if (steps.length === 0) return;
    const reached = this.#tallies.mask(...steps.map(({ counters }) => ({ skipped: counters })));
    space.logic(logic.without, active, open, reached);
    for (const step of steps)
      this.#told(step, () => {
        const { counters } = step;
        const ran = this.#tallies.mask({ counters, key: "runs" });
        const missed = this.#tallies.mask({ counters, key: "missed" });
        const where = step.where && this.#asks.write(step.where, active);
        const own = this.#step(step);
        if (where !== undefined) space.logic(logic.without, active, open, ran);
        const numbers = where === undefined ? [logic.without, active, open] : [logic.and, ran, where];
        this.#run(step, own, ran, missed, { kernel: "logic", numbers: [...numbers, ran, rows] });
      });
  }

  #told(step: CompiledStep, write: () => void): void {
    try {
      write();
    } catch (error) {
      if (error instanceof NoBlock) error.step ??= step;
      throw error;
    }
  }

  /** Runs a step for the rows of a mask, which a call finds and counts; without a form these are left to the plain program. */
  #run(step: CompiledStep, own: Form | undefined, mask: number, missed: number, find: WorkCall): void {
    const space = this.#space;
    const { open, work } = space;
    const ran = space.kernel.take(1);
    const run = (): void => {
      if (!own) {
        space.logic(logic.or, open, mask, open);
        return;
      }
      work.push({ raise: ran });
      if ("run" in own) work.push(() => own.run(mask, missed));
      else own.write(mask, missed);
    };
    const rest = (): void => {
      work.push({ noted: ran, lower: true, body: work.apart(() => space.empties(missed)) });
      if (own && "idle" in own) own.idle();
    };
    space.when(find, run, rest);
    work.push({ done: step });
    if (own) space.there.note(own.writes, mask, own);
  }

  /** `later` are all steps behind it, where it is none inside another one. */
  #step(step: CompiledStep, later?: readonly CompiledStep[]): Form | undefined {
    const own = this.#form(step, later);
    for (const slot of own?.writes ?? []) this.#space.writes(slot, own?.gives?.(slot));
    return own;
  }

  #form(step: CompiledStep, later?: readonly CompiledStep[]): Form | undefined {
    const space = this.#space;
    if (step.kind === "switch") return this.#switch(step);
    if (step.kind === "foreach")
      return makeForeach(space, this.#tallies, step, later !== undefined && !step.where);
    return blockForm(space, step, {
      patterns: this.#context.patterns,
      becomesNumber: (path) => later !== undefined && becomesNumber(later, path),
    });
  }

  /**
   * The first case whose condition holds, for each row. All conditions are asked before the steps of any case: these change rows of their own
   * case only.
   */
  #switch({ step, nested, conditions }: CompiledStep): Form | undefined {
    const options = step.switch!;
    if (options.onError !== undefined && options.onError !== "continue") return undefined;
    const space = this.#space;
    const { kernel, open, work } = space;
    const left = kernel.mask();
    const masks = conditions.map(() => kernel.mask());
    const asked = this.#asks.apart(() => {
      for (const [index, condition] of conditions.entries()) {
        const where = condition && this.#asks.write(condition, left);
        const mask = masks[index]!;
        if (where === undefined) space.logic(logic.without, left, open, mask);
        else space.logic(logic.and, left, where, mask);
        space.logic(logic.without, left, mask, left);
      }
    });
    let first = 0;
    const cases = options.cases.map(({ set, steps }, index): Case => {
      const own = nested.slice(first, first + (steps?.length ?? 0));
      first += own.length;
      return this.#case(set, own, masks[index]!);
    });
    return {
      writes: [],
      write: (mask, missed) => {
        space.logic(logic.and, mask, mask, left);
        work.push(...asked);
        for (const one of cases) {
          const numbers = [logic.and, one.mask, one.mask, one.mask, rows] as const;
          const run = (): void => work.push({ raise: one.ran }, ...one.work);
          space.when({ kernel: "logic", numbers }, run, () => this.#rest(one));
        }
        space.logic(logic.and, left, left, missed);
      },
      idle: () => {
        for (const one of cases) this.#rest(one);
      },
    };
  }

  #case(set: FieldValues | undefined, steps: readonly CompiledStep[], mask: number): Case {
    const from = this.#tallies.next;
    const space = this.#space;
    const work = this.#asks.apart(() => {
      if (set) {
        const write = makeSet(space, { fields: set });
        if (!write) throw new NoBlock("the values that a case sets have no form for blocks");
        for (const slot of write.writes) space.writes(slot);
        write.write(mask, space.kernel.mask());
        space.there.note(write.writes, mask);
      }
      this.#nested(steps, mask);
    });
    const counted: number[] = [];
    for (let at = from; at < this.#tallies.next; at += blockRows) counted.push(at);
    return { mask, work, counted, ran: space.kernel.take(1) };
  }

  /** Nothing of a case is to be counted. */
  #rest({ counted, ran }: Case): void {
    const { kernel, work } = this.#space;
    if (counted.length === 0) return;
    const list = kernel.putWords(counted);
    const body = work.apart(() => work.kernel("clear", list, counted.length, blockRows));
    work.push({ noted: ran, lower: true, body });
  }
}
