import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Isolation } from "@vedette/core/plugin-isolation";
import type { Clock, InputDeps, Logger } from "@vedette/sdk";
import type { AgentMetrics } from "../metrics.ts";
import type { Spool } from "../spool/index.ts";

/** What the agent hands to every input of a plugin. */
export interface PluginInputContext {
  readonly agentId: string;
  readonly stateDir: string;
  readonly baseDir: string;
  readonly host: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: AgentMetrics;
  readonly spool: Pick<Spool, "checkpoint" | "forget">;
  readonly connection?: InputDeps["connection"];
  readonly isolation?: Isolation | undefined;
}

/** Bound of reasons per input; a plugin that makes them of data must not fill the metrics. */
const maxReasons = 32;

/** Makes the deps of one input. */
export function inputDeps(
  { agentId, stateDir, baseDir, host, log, clock, metrics, spool, connection, isolation }: PluginInputContext,
  inputId: string,
  { dataType, dataSource }: { readonly dataType: string; readonly dataSource?: string | undefined },
  signal: AbortSignal,
): InputDeps {
  const reasons = new Set<string>();
  const bounded = (reason: string): string => {
    if (reasons.size < maxReasons) reasons.add(reason);
    return reasons.has(reason) ? reason : "other";
  };
  const dir = join(stateDir, "inputs", inputId);
  return {
    inputId,
    agentId,
    dataType,
    dataSource: dataSource ?? host,
    dataSourceIsSet: dataSource !== undefined,
    baseDir,
    log,
    clock,
    signal,
    get stateDir() {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      return dir;
    },
    ...(connection && { connection }),
    ...(isolation && { confine: (name: string) => isolation.of(`input/${inputId}`, name) }),
    checkpoint: (source) => spool.checkpoint(source),
    forget: (source) => spool.forget(source),
    dropped: (reason, count) => metrics.dropped.add(count, { stage: "input", reason: bounded(reason) }),
    failed: (reason) => metrics.inputErrors.add(1, { reason: bounded(reason) }),
    flawed: (kind) => metrics.flaws.add(1, { flaw: bounded(kind) }),
  };
}
