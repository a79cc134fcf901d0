import type { CompiledStep } from "../../plan.ts";
import type { Counts } from "../counts.ts";
import type { Layout } from "../layout.ts";
import type { NativeContext } from "../natives/native.ts";
import type { BlockAsks } from "./asks.ts";
import { becomesNumber } from "./early-numbers.ts";
import { blockForm } from "./forms.ts";
import { type FieldValues, makeSet } from "./set.ts";
import { type BlockSpace, logic, NoBlock } from "./space.ts";
import type { BlockStep } from "./steps.ts";
import type { Tallies } from "./tallies.ts";
import { type TouchStep, touchesTogether, touchOf, writeTouches } from "./touches.ts";

/** A step that has to know of blocks in which it does not run. */
interface Form extends BlockStep {
  idle?(): void;
}

/** What a switch does for the rows of one case. */
interface Case {
  readonly mask: number;
  readonly work: readonly (() => void)[];
  /** Where its counted masks lie. */
  readonly from: number;
  readonly to: number;
  ran: boolean;
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
    const { open, kernel } = this.#space;
    const step = steps[index]!;
    this.#told(step, () => {
      const { ran, missed } = this.#masks(steps, index, counts);
      const where = step.where && this.#asks.write(step.where);
      const own = this.#step(step, steps.slice(index + 1));
      if (!own && where === undefined) throw noForm();
      const mask = where === undefined ? this.#all : ran;
      this.#run(step, own, mask, missed, () => {
        const { count } = this.#space;
        return where === undefined
          ? kernel.calls.logic(logic.not, open, 0, mask, count)
          : kernel.calls.logic(logic.without, where, open, mask, count);
      });
    });
  }

  /** Steps from one on that change texts where they lie, together. */
  #touch(steps: readonly CompiledStep[], first: number, touches: readonly TouchStep[], counts: Counts): void {
    const space = this.#space;
    const masks = touches.map((_, index) => this.#masks(steps, first + index, counts));
    const run = writeTouches(space, touches, masks);
    const last = steps[first + touches.length - 1]!;
    space.work.push(() => {
      run();
      space.onStep?.(last);
    });
    for (const [index, { slots }] of touches.entries()) {
      for (const slot of slots) space.writes(slot);
      space.notePresence(slots, undefined, masks[index]!.ran);
    }
  }

  /** Steps inside another one, for the rows of `active`, as work of its own. */
  #nested(steps: readonly CompiledStep[], active: number): void {
    const { open, kernel } = this.#space;
    if (steps.length === 0) return;
    const reached = this.#tallies.mask(...steps.map(({ counters }) => ({ skipped: counters })));
    this.#space.work.push(() => kernel.calls.logic(logic.without, active, open, reached, this.#space.count));
    for (const step of steps)
      this.#told(step, () => {
        const { counters } = step;
        const ran = this.#tallies.mask({ counters, key: "runs" });
        const missed = this.#tallies.mask({ counters, key: "missed" });
        const where = step.where && this.#asks.write(step.where, active);
        const own = this.#step(step);
        if (!own && where === undefined) throw noForm();
        this.#run(step, own, ran, missed, () => {
          const { count } = this.#space;
          const rows = kernel.calls.logic(logic.without, active, open, ran, count);
          return where === undefined ? rows : kernel.calls.logic(logic.and, ran, where, ran, count);
        });
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

  /** Runs a step for the rows that `rowsOf` finds; without a form these are left to the plain program. */
  #run(step: CompiledStep, own: Form | undefined, mask: number, missed: number, rowsOf: () => number): void {
    const space = this.#space;
    const { kernel, open, work } = space;
    let wasMissed = true;
    work.push(() => {
      if (rowsOf() === 0) {
        if (wasMissed) space.clearAll(missed);
        wasMissed = false;
        own?.idle?.();
      } else if (own) {
        own.run(mask, missed);
        wasMissed = true;
      } else kernel.calls.logic(logic.or, open, mask, open, space.count);
      space.onStep?.(step);
    });
    if (own) space.notePresence(own.writes, own.makes, mask);
  }

  /** `later` are all steps behind it, where it is none inside another one. */
  #step(step: CompiledStep, later?: readonly CompiledStep[]): Form | undefined {
    const own: Form | undefined =
      step.kind === "switch"
        ? this.#switch(step)
        : blockForm(this.#space, step, {
            patterns: this.#context.patterns,
            becomesNumber: (path) => later !== undefined && becomesNumber(later, path),
          });
    for (const slot of own?.writes ?? []) this.#space.writes(slot, own?.gives);
    return own;
  }

  /**
   * The first case whose condition holds, for each row. All conditions are asked before the steps of any case: these change rows of their own
   * case only.
   */
  #switch({ step, nested, conditions }: CompiledStep): Form | undefined {
    const options = step.switch!;
    if (options.onError !== undefined && options.onError !== "continue") return undefined;
    const { kernel, open } = this.#space;
    const { calls } = kernel;
    const left = kernel.mask();
    const masks = conditions.map(() => kernel.mask());
    const asked = this.#asks.apart(() => {
      for (const [index, condition] of conditions.entries()) {
        const where = condition && this.#asks.write(condition, left);
        this.#space.work.push(() => {
          const { count } = this.#space;
          const mask = masks[index]!;
          if (where === undefined) calls.logic(logic.without, left, open, mask, count);
          else calls.logic(logic.and, left, where, mask, count);
          calls.logic(logic.without, left, mask, left, count);
        });
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
      run: (mask, missed) => {
        const { count } = this.#space;
        calls.logic(logic.and, mask, mask, left, count);
        for (const work of asked) work();
        for (const one of cases) {
          if (calls.logic(logic.and, one.mask, one.mask, one.mask, count) === 0) this.#rest(one);
          else {
            one.ran = true;
            for (const work of one.work) work();
          }
        }
        calls.logic(logic.and, left, left, missed, count);
      },
      idle: () => {
        for (const one of cases) this.#rest(one);
      },
    };
  }

  #case(set: FieldValues | undefined, steps: readonly CompiledStep[], mask: number): Case {
    const from = this.#tallies.next;
    const work = this.#asks.apart(() => {
      if (set) {
        const write = makeSet(this.#space, { fields: set });
        if (!write) throw new NoBlock("the values that a case sets have no form for blocks");
        for (const slot of write.writes) this.#space.writes(slot);
        const missed = this.#space.kernel.mask();
        this.#space.work.push(() => write.run(mask, missed));
        this.#space.notePresence(write.writes, undefined, mask);
      }
      this.#nested(steps, mask);
    });
    return { mask, work, from, to: this.#tallies.next, ran: false };
  }

  /** Nothing of a case is to be counted. */
  #rest(one: Case): void {
    if (one.ran) this.#space.clearAll(one.from, one.to);
    one.ran = false;
  }
}
