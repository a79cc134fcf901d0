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
 * A pipeline with steps that wait for plugins. A draft is put aside at such a step and goes on when the answer is there, so
 * that many are on their way at once; each on its own says what the interpreter would.
 */
export class WaitingProgram {
  readonly #plan: WaitingPlan;

  constructor(plan: WaitingPlan) {
    this.#plan = plan;
  }

  /** Runs all steps. Never rejects: what goes wrong is in the errors of the draft. */
  async run(log: RowLog): Promise<Draft> {
    const { dataType, steps, host, watched } = this.#plan;
    const { id, dataSource, timestamp, raw } = log;
    const tenantId = log.tenantId || defaultTenant.id;
    const root = { id, dataType, dataSource, "@timestamp": timestamp, tenantId, raw };
    const long = raw.length > LONG_LINE;
    const draft: Draft = { root, errors: [], dropped: false, long };
    const doc = new ObjectDoc(root);
    const run = long ? runWatched : runStep;
    for (let index = 0; index < steps.length && !draft.dropped; index++) {
      const step = steps[index]!;
      doc.root = draft.root;
      if (!step.waits) run(step, draft, doc);
      else {
        if (wants(step, doc)) {
          const { plugin, params } = step.step.dynamic!;
          try {
            draft.answer = await host.parse({ plugin, params, root: draft.root, errors: draft.errors });
          } catch (error) {
            draft.answer = error instanceof Error ? error : new Error(String(error));
          }
        }
        runStep(step, draft, doc);
      }
    }
    if (long) watched();
    return draft;
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
}

/** Whether a step's condition holds; where it fails, the step says so when it runs. */
function wants({ where }: CompiledStep, doc: ObjectDoc): boolean {
  try {
    return where === undefined || where.test(doc);
  } catch {
    return false;
  }
}
