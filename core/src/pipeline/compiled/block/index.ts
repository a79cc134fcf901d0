import { defaultTenant } from "@vedette/sdk";
import { LONG_LINE } from "../../watch.ts";
import type { Counts } from "../counts.ts";
import type { Layout } from "../layout.ts";
import type { RowWriter } from "../row-writer.ts";
import type { BlockLines, RowBlock, RowLog } from "../seam.ts";
import type { Plan } from "../writer.ts";
import { BlockAsks } from "./asks.ts";
import { BlockColumns } from "./columns.ts";
import { BlockFull, BlockSpace, blockRows, logic, NoBlock } from "./space.ts";
import { blockStep } from "./steps.ts";

/** Lines that are worked on one by one at first, and at most, after a block of which too many are left over. */
const firstRest = 1_024;
const lastRest = 65_536;
/** Share of the lines of a block that may be left to the plain program. */
const openShare = 8;

const mostSteps = 1_000;

/** What the compiled program knows of a pipeline when it has written its source. */
export interface BlockPlan extends Pick<Plan, "steps" | "patterns" | "tenantNames"> {
  readonly layout: Layout;
  readonly counts: Counts;
  readonly writesDataSource: boolean;
}

/** A pipeline over many lines at once. */
export class BlockProgram {
  readonly #space: BlockSpace;
  readonly #columns: BlockColumns;
  readonly #counts: Counts;
  /** Masks of each step, one behind the other: where it ran, where it missed. */
  readonly #masks: number;
  readonly #steps: number;
  /** Counters that grow by the ones of a mask, by mask; -1 where none does. */
  readonly #counted: number[] = [];
  #rest = 0;
  #skip = 0;

  /** Undefined where a pipeline has no form for blocks. */
  static of(plan: BlockPlan): BlockProgram | undefined {
    if (plan.steps.length === 0 || plan.steps.length > mostSteps) return undefined;
    try {
      const space = BlockSpace.open(plan.layout, plan.steps.length);
      return space && new BlockProgram(plan, space);
    } catch (error) {
      if (error instanceof NoBlock || error instanceof BlockFull) return undefined;
      throw error;
    }
  }

  private constructor(plan: BlockPlan, space: BlockSpace) {
    const { steps, layout, patterns, counts } = plan;
    const { kernel, work, open } = space;
    this.#space = space;
    this.#counts = counts;
    this.#steps = steps.length;
    this.#masks = kernel.take(steps.length * 2 * blockRows + 16);
    const asks = new BlockAsks(space, layout, patterns);
    const all = kernel.mask();
    for (const [index, step] of steps.entries()) {
      const ran = this.#masks + index * 2 * blockRows;
      const missed = ran + blockRows;
      const where = step.where && asks.write(step.where);
      const own = blockStep(space, step, plan);
      if (!own && where === undefined) throw new NoBlock();
      for (const slot of own?.writes ?? []) space.writes(slot);
      const head = counts.runsOf(index) === index;
      this.#counted.push(step.where && head ? counts.at(index, "runs") : -1, counts.at(index, "missed"));
      const mask = where === undefined ? all : ran;
      let wasMissed = true;
      work.push(() => {
        const { count } = space;
        const rows =
          where === undefined
            ? kernel.calls.logic(logic.not, open, 0, all, count)
            : kernel.calls.logic(logic.without, where, open, ran, count);
        if (rows === 0) {
          if (wasMissed) kernel.memory.fill(0, missed, missed + blockRows);
          wasMissed = false;
        } else if (own) {
          own.run(mask, missed);
          wasMissed = true;
        } else kernel.calls.logic(logic.or, open, ran, open, count);
      });
    }
    this.#columns = new BlockColumns(
      space,
      layout,
      plan.writesDataSource,
      plan.tenantNames.get(defaultTenant.id) ?? "",
    );
    space.link();
  }

  bind(writer: RowWriter): RowBlock {
    const columns = this.#columns.bind(writer);
    return {
      run: (lines, log) => this.#run(lines, log),
      isOpen: (row) => this.#space.isOpen(row),
      write: (first, count, row, log) => {
        if (!columns.write(first, count, row, log)) return false;
        this.#count(first, count);
        return true;
      },
    };
  }

  #run({ bytes, rows, first, count: most, always }: BlockLines, log: RowLog): number {
    if (this.#skip > 0 && !always) {
      const skipped = Math.min(this.#skip, most);
      this.#skip -= skipped;
      return -skipped;
    }
    const space = this.#space;
    const { kernel } = space;
    const count = kernel.begin(bytes, rows, first, most, space.raw, space.open, LONG_LINE);
    if (count === 0) return -1;
    kernel.refresh();
    space.count = count;
    space.timestamp = log.timestamp;
    space.reset();
    for (const work of space.work) work();
    const open = kernel.calls.logic(logic.and, space.open, space.open, space.open, count);
    if (open * openShare <= count || always) {
      this.#rest = 0;
      return count;
    }
    this.#skip = this.#rest;
    this.#rest = Math.min(lastRest, Math.max(firstRest, this.#rest * 2));
    return -count;
  }

  #count(first: number, count: number): void {
    const { values } = this.#counts;
    values[0]! += count;
    const sums = this.#space.kernel.counts(this.#masks, blockRows, this.#steps * 2, first, count);
    for (let mask = 0; mask < sums.length; mask++) {
      const at = this.#counted[mask]!;
      if (at >= 0) values[at]! += sums[mask]!;
    }
  }
}
