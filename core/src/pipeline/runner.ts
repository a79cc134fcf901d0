import { defaultTenant, type Event, type Log } from "@vedette/sdk";
import { carriedBlock } from "../asset.ts";
import { ObjectDoc } from "./cel/index.ts";
import {
  CarriedCode,
  type CarriedFunction,
  type ColumnProgram,
  type CountedProgram,
  compileProgram,
} from "./compiled/index.ts";
import type { Draft } from "./draft.ts";
import { type ConversionCounters, toEvent } from "./event.ts";
import type { CompiledStep, PipelinePlan } from "./plan.ts";
import { runStep, runTimed } from "./run-step.ts";
import type { DynamicHost } from "./steps/index.ts";
import { WaitingProgram } from "./waiting.ts";
import { isQuarantined, LONG_LINE, runWatched } from "./watch.ts";

/** What became of a log. */
export type Outcome =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "dropped"; readonly reason: string };

/** Programs that are kept: one for each data type that occurs. Beyond, a program lives as long as its caller holds it. */
const MAX_PROGRAMS = 1_024;
const none: readonly CompiledStep[] = [];
const dropped: Outcome = { kind: "dropped", reason: "pipeline_drop" };

const withNested = (step: CompiledStep): CompiledStep[] => [step, ...step.nested.flatMap(withNested)];

function shippedCode(dataType: string): CarriedCode | undefined {
  const known = carriedBlock(dataType);
  return known === undefined ? undefined : new CarriedCode(known as Record<string, CarriedFunction>);
}

/** Compiled pipelines: logs in, events out. Never throws for a log, whatever is in it. */
export class PipelineSet {
  readonly plan: PipelinePlan;
  readonly conversion: ConversionCounters = { unknown: 0, unfit: 0, bounded: 0 };
  /** Measures the time of each step; costs about 0.1 µs a step. */
  timing = false;
  /** Told once for each step that is left out for long lines from now on. */
  onQuarantine: ((step: CompiledStep) => void) | undefined;
  /** What the build carries of the form for blocks of a data type's pipeline. */
  carriedOf: (dataType: string) => CarriedCode | undefined = shippedCode;
  readonly #quarantined = new Set<CompiledStep>();
  readonly #tenantNames: ReadonlyMap<string, string>;
  readonly #doc = new ObjectDoc({});
  readonly #programs = new Map<string, CountedProgram>();

  constructor(plan: PipelinePlan) {
    this.plan = plan;
    this.#tenantNames = new Map([
      [defaultTenant.id, defaultTenant.name],
      ...plan.tenants.map((tenant) => [tenant.id, tenant.name] as const),
    ]);
  }

  /** Data types that have steps. */
  get dataTypes(): readonly string[] {
    return [...this.plan.steps.keys()];
  }

  /** Every step once, those inside others behind them, for metrics and reports. */
  get steps(): readonly CompiledStep[] {
    for (const program of this.#programs.values()) program.fold();
    return [...new Set([...this.plan.steps.values()].flat().flatMap(withNested))];
  }

  /** The pipeline of a data type as a writer into the columns of a batch; says the same as `process`, faster. */
  columns(dataType: string): ColumnProgram {
    let program = this.#programs.get(dataType);
    if (!program) {
      const { steps, patterns } = this.plan;
      program = compileProgram({
        dataType,
        steps: steps.get(dataType) ?? none,
        patterns,
        tenantNames: this.#tenantNames,
        conversion: this.conversion,
        carriedOf: () => this.carriedOf(dataType),
        runLong: (draft) => this.#runLong(steps.get(dataType) ?? none, draft),
      });
      if (this.#programs.size < MAX_PROGRAMS) this.#programs.set(dataType, program);
    }
    return program;
  }

  /** Runs the steps of the log's data type and makes an event of the result. */
  process(log: Log): Outcome {
    const tenantId = log.tenantId || defaultTenant.id;
    const complete: Log = log.tenantId ? log : { ...log, tenantId };
    const long = log.raw.length > LONG_LINE;
    const draft: Draft = {
      root: {
        id: log.id,
        dataType: log.dataType,
        dataSource: log.dataSource,
        "@timestamp": log["@timestamp"],
        tenantId,
        raw: log.raw,
      },
      errors: [],
      dropped: false,
      long,
    };
    const steps = this.plan.steps.get(log.dataType) ?? none;
    if (long) this.#runLong(steps, draft);
    else this.#run(steps, draft, this.timing ? runTimed : runStep);
    if (draft.dropped) return dropped;
    return {
      kind: "event",
      event: toEvent(draft, complete, this.#tenantNames.get(tenantId), this.conversion),
    };
  }

  /** True where a pipeline waits for plugins; else `columns` is the way. */
  waits(dataType: string): boolean {
    return this.plan.steps.get(dataType)?.some(({ waits }) => waits) === true;
  }

  /** The pipeline of a data type for a caller that lets drafts wait for plugins. */
  waiting(dataType: string, host: DynamicHost): WaitingProgram {
    const steps = this.plan.steps.get(dataType) ?? none;
    const watched = (): void => this.#tellQuarantined(steps);
    const { conversion } = this;
    return new WaitingProgram({ dataType, steps, tenantNames: this.#tenantNames, conversion, host, watched });
  }

  #run(steps: readonly CompiledStep[], draft: Draft, run: typeof runStep): void {
    this.#doc.root = draft.root;
    for (let index = 0; index < steps.length && !draft.dropped; index++) run(steps[index]!, draft, this.#doc);
  }

  #runLong(steps: readonly CompiledStep[], draft: Draft): void {
    this.#run(steps, draft, runWatched);
    this.#tellQuarantined(steps);
  }

  #tellQuarantined(steps: readonly CompiledStep[]): void {
    for (const step of steps) {
      if (step.nested.length > 0) this.#tellQuarantined(step.nested);
      if (!isQuarantined(step) || this.#quarantined.has(step)) continue;
      this.#quarantined.add(step);
      this.onQuarantine?.(step);
    }
  }
}
