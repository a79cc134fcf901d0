import { defaultTenant, type Log } from "@vedette/sdk";
import type { RowColumns } from "../batch/index.ts";
import { ObjectDoc } from "./cel/index.ts";
import { dropReason, type RowLog, RowWriter } from "./compiled/index.ts";
import type { Draft } from "./draft.ts";
import { type ConversionCounters, toEvent } from "./event.ts";
import type { CompiledStep } from "./plan.ts";
import { runStep } from "./run-step.ts";
import type { DynamicHost } from "./steps/index.ts";
import { LONG_LINE, runWatched } from "./watch.ts";

/** What a program that waits is made of. */
export interface WaitingPlan {
  readonly dataType: string;
  readonly steps: readonly CompiledStep[];
  readonly tenantNames: ReadonlyMap<string, string>;
  readonly conversion: ConversionCounters;
  readonly host: DynamicHost;
  /** Called after a long line, which may have been one too many for a step. */
  readonly watched: () => void;
}

/** Writes finished drafts to the columns of one batch. */
export interface DraftWriter {
  /** A text is the reason why a step dropped the log; then nothing was written. The draft must not be used afterwards. */
  write(row: number, log: RowLog, draft: Draft): string | undefined;
}

/**
 * A pipeline with steps that wait for plugins. Drafts are put aside at such a step and go on when the answers are there, so
 * that many are on their way at once; each on its own says what the interpreter would.
 */
export class WaitingProgram {
  readonly #plan: WaitingPlan;
  /** Used between two waits only. */
  readonly #doc = new ObjectDoc({});

  constructor(plan: WaitingPlan) {
    this.#plan = plan;
  }

  /**
   * Runs all steps over some logs, and gives their drafts in the same order. They go to a plugin together. Never rejects: what
   * goes wrong is in the errors of the drafts.
   */
  async run(logs: readonly RowLog[]): Promise<Draft[]> {
    const { steps, host, watched } = this.#plan;
    const drafts = logs.map((log) => this.#draft(log));
    for (const step of steps) {
      if (step.kind === "dynamic") {
        const asked = drafts.filter((draft) => !draft.dropped && this.#wants(step, draft));
        const { plugin, params } = step.step.dynamic!;
        const answers = asked.length === 0 ? [] : await host.parse({ plugin, params }, asked);
        for (let index = 0; index < asked.length; index++) asked[index]!.answer = answers[index];
      }
      for (const draft of drafts) {
        if (draft.dropped) continue;
        this.#doc.root = draft.root;
        const run = draft.long && step.kind !== "dynamic" ? runWatched : runStep;
        run(step, draft, this.#doc);
      }
    }
    if (drafts.some(({ long }) => long)) watched();
    return drafts;
  }

  bind(columns: RowColumns): DraftWriter {
    const { dataType, tenantNames, conversion } = this.#plan;
    const writer = new RowWriter(columns);
    return {
      write: (row, log, draft) => {
        if (draft.dropped) return dropReason;
        const { id, timestamp, dataSource, flaw } = log;
        const tenantId = log.tenantId || defaultTenant.id;
        const complete: Log = { id, dataType, dataSource, "@timestamp": timestamp, tenantId, raw: "" };
        const event = toEvent(draft, complete, tenantNames.get(tenantId), conversion);
        if (flaw !== undefined) event.errors = [flaw, ...(event.errors ?? [])];
        writer.event(event, row, true);
        return undefined;
      },
    };
  }

  #draft({ id, dataSource, timestamp, raw, tenantId }: RowLog): Draft {
    const { dataType } = this.#plan;
    const tenant = tenantId || defaultTenant.id;
    const root = { id, dataType, dataSource, "@timestamp": timestamp, tenantId: tenant, raw };
    return { root, errors: [], dropped: false, long: raw.length > LONG_LINE };
  }

  /** Whether a step's condition holds; where it fails, the step says so when it runs. */
  #wants({ where }: CompiledStep, { root }: Draft): boolean {
    if (where === undefined) return true;
    this.#doc.root = root;
    try {
      return where.test(this.#doc);
    } catch {
      return false;
    }
  }
}
