import { loadRules, type Rule, windowLimits } from "@vedette/collector";
import { ConfigError, formatProblem } from "@vedette/core/config";
import { loadConfig } from "../../config-file.ts";
import { UsageError } from "../../exit.ts";
import { Backtest, type BacktestReport } from "./backtest.ts";
import { type Expectations, readExpectations, type Surprise, surprises } from "./expect.ts";
import { type StoredOptions, storedEvents } from "./stored-events.ts";

/** How often progress is told, in milliseconds. */
const progressMs = 2_000;

export interface BacktestOptions extends Omit<StoredOptions, "dataTypes"> {
  readonly rules: readonly string[];
  readonly show: number;
  readonly expect?: string;
  /** Configuration whose window limits count. */
  readonly config?: string;
  /** Is told how far it is, and what is doubtful. */
  readonly tell: (text: string) => void;
}

export interface BacktestResult {
  /** False where it was stopped: what follows was not read, and nothing is expected. */
  readonly complete: boolean;
  readonly report: BacktestReport;
  readonly surprises: readonly Surprise[];
}

/**
 * Runs rules over what a collector stores, until the range is read or the signal aborts. Throws a `ConfigError` for a rule
 * that cannot run.
 */
export async function backtest(options: BacktestOptions, signal: AbortSignal): Promise<BacktestResult> {
  const { tell, show } = options;
  const rules = rulesOf(options);
  const expected: Expectations | undefined =
    options.expect === undefined
      ? undefined
      : readExpectations(
          options.expect,
          rules.filter(({ silent }) => !silent),
        );
  const windows = windowLimits(loadConfig(options.config).config.collector.detect);
  const run = new Backtest(rules, { show, windows });
  tell(`backtest: asks ${options.url} for events from ${options.from}`);
  let told = performance.now();
  try {
    for await (const page of storedEvents({ ...options, dataTypes: run.dataTypes }, signal)) {
      run.take(page);
      if (performance.now() - told < progressMs) continue;
      told = performance.now();
      const { events, alerts, time } = run.progress;
      tell(`backtest: ${events} events until ${time}, ${alerts} alerts`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const report = run.report();
  const complete = !signal.aborted;
  return { complete, report, surprises: complete && expected ? surprises(report, expected) : [] };
}

function rulesOf({ rules: paths, tell }: BacktestOptions): readonly Rule[] {
  const { rules, problems, warnings } = loadRules(paths);
  if (problems.length > 0) throw new ConfigError(problems);
  if (rules.length === 0) throw new UsageError(`No rule is in ${paths.join(", ")}.`);
  for (const warning of warnings) tell(formatProblem(warning));
  return rules;
}
