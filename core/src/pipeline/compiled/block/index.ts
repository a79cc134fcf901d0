import { defaultTenant } from "@vedette/sdk";
import { sanitizeName } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { LONG_LINE } from "../../watch.ts";
import type { Counts } from "../counts.ts";
import type { Layout } from "../layout.ts";
import type { RowWriter } from "../row-writer.ts";
import type { BlockLines, RowBlock, RowLog } from "../seam.ts";
import type { Plan } from "../writer.ts";
import { BlockAsks } from "./asks.ts";
import { layoutOf } from "./block-layout.ts";
import { BlockColumns } from "./columns.ts";
import { constantTexts } from "./constant-texts.ts";
import { constantBytes, isNaming, isNesting } from "./forms.ts";
import { spreadObjects } from "./json.ts";
import { jsonBytes } from "./json-entries.ts";
import { moveOf } from "./move-object.ts";
import { Sequence } from "./sequence.ts";
import { BlockFull, BlockSpace, NoBlock } from "./space.ts";
import { mostNamed } from "./space-needs.ts";
import { Tallies } from "./tallies.ts";

/** Lines that are worked on one by one at first, and at most, after a block of which too many are left over. */
const firstRest = 1_024;
const lastRest = 65_536;
/** Share of the lines of a block that may be left to the plain program: a block that leaves a third of them costs as much. */
const openShare = 4;

const mostSteps = 1_000;
const lineItself = "the line itself";
const nameOf = ({ label, place }: CompiledStep): string => `${label} at ${place}`;

/** What the compiled program knows of a pipeline when it has written its source. */
export interface BlockPlan extends Pick<Plan, "steps" | "patterns" | "tenantNames" | "carriedOf"> {
  readonly counts: Counts;
  readonly writesDataSource: boolean;
}

/** Why a pipeline has no form for blocks. */
export interface WhyNoBlock {
  readonly why: string;
  /** Label and place of the step that has none; undefined where it is no single one. */
  readonly step?: string;
}

/** A pipeline over many lines at once. */
export class BlockProgram {
  readonly #space: BlockSpace;
  readonly #columns: BlockColumns;
  readonly #counts: Counts;
  readonly #tallies: Tallies;
  #rest = 0;
  #skip = 0;

  /** A reason where a pipeline has no form for blocks. */
  static of(plan: BlockPlan): BlockProgram | WhyNoBlock {
    const { steps } = plan;
    if (steps.length === 0) return { why: "it has no steps" };
    if (steps.length > mostSteps) return { why: "it has too many steps" };
    try {
      const layout = layoutOf(steps);
      const all = steps.flatMap(withInner);
      const space = BlockSpace.open(layout, {
        steps: steps.reduce((sum, step) => sum + sizeOf(step, layout), 0),
        naming: all.filter(isNaming).length,
        nesting: all.filter(isNesting).length,
        moving: all.filter(({ step }) => moveOf(step)).length,
        expanded: new Set(
          all.flatMap(({ step: { expand } }) => (expand ? sanitizeName(expand.to).join(".") : [])),
        ),
        constants: all.reduce((sum, step) => sum + constantBytes(step), all.some(isNesting) ? jsonBytes : 0),
      });
      return space ? new BlockProgram(plan, space, layout) : { why: "there is no WebAssembly" };
    } catch (error) {
      if (error instanceof BlockFull) return { why: "it needs too much memory" };
      if (!(error instanceof NoBlock)) throw error;
      return { why: error.message, ...(error.step && { step: nameOf(error.step) }) };
    }
  }

  private constructor(plan: BlockPlan, space: BlockSpace, layout: Layout) {
    const { steps, patterns, counts } = plan;
    this.#space = space;
    space.carried = plan.carriedOf();
    this.#counts = counts;
    this.#tallies = new Tallies(
      space,
      steps.reduce((sum, step) => sum + masksOf(step, layout), 0),
    );
    const asks = new BlockAsks(space, layout, patterns);
    const all = steps.flatMap(withInner);
    for (const [slot, texts] of constantTexts(all, layout)) {
      const own = space.of(slot);
      if (own)
        space.constants.add(
          own,
          texts.map((text) => ({ text, ...space.texts.constant(text)! })),
        );
    }
    space.there.keep([...layout.presence.keys()]);
    new Sequence(space, layout, asks, this.#tallies, plan).write(steps, counts);
    if (space.hasTrees) space.atEnd(() => spreadObjects(space));
    space.end();
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
      watch: (told) => this.#watch(told),
      isOpen: (row) => this.#space.isOpen(row),
      closed: (row) => this.#space.closed(row),
      bytes: (first, count) => this.#space.kernel.lineBytes(first, count),
      textBytes: (first, count) => this.#space.kernel.lineTextBytes(first, count),
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
    space.work.onDone?.(lineItself);
    space.work.run(count);
    space.work.onDone?.("the values");
    const open = kernel.ones(space.open, count);
    if (open * openShare <= count || always) {
      this.#rest = 0;
      return count;
    }
    this.#skip = this.#rest;
    this.#rest = Math.min(lastRest, Math.max(firstRest, this.#rest * 2));
    return -count;
  }

  #watch(told: ((where: string, rows: number) => void) | undefined): void {
    const space = this.#space;
    let before = 0;
    space.work.onDone =
      told &&
      ((done) => {
        const { open, count, kernel } = space;
        const now = kernel.ones(open, count);
        if (done === lineItself) before = 0;
        if (now > before) told(typeof done === "string" ? done : nameOf(done), now - before);
        before = now;
      });
  }

  #count(first: number, count: number): void {
    const { values } = this.#counts;
    values[0]! += count;
    this.#tallies.count(values, first, count);
  }
}

/** Masks that are counted of a step. */
const masksOf = (step: CompiledStep, layout: Layout): number =>
  2 +
  step.conditions.length +
  roundsIn(step, layout) * 2 +
  step.nested.reduce((sum, inner) => sum + masksOf(inner, layout), 0);

const sizeOf = (step: CompiledStep, layout: Layout): number =>
  1 +
  step.conditions.length +
  roundsIn(step, layout) +
  step.nested.reduce((sum, inner) => sum + sizeOf(inner, layout), 0);

/** Fields that a `foreach` goes through, at most. */
const roundsIn = ({ step: { foreach } }: CompiledStep, layout: Layout): number =>
  foreach
    ? layout.slots.filter(({ path }) => path.join(".").startsWith(`${foreach.source}.`)).length + mostNamed
    : 0;

const withInner = (step: CompiledStep): CompiledStep[] => [step, ...step.nested.flatMap(withInner)];
