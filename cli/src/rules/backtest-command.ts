import { type Command, InvalidArgumentError } from "commander";
import { keyOption, urlOption } from "../live/api.ts";
import { untilStopped } from "../signals.ts";

interface BacktestCommandOptions {
  readonly url: string;
  readonly key?: string;
  readonly from: string;
  readonly to?: string;
  readonly show: number;
  readonly expect?: string;
  readonly config?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const examples = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 100)
    throw new InvalidArgumentError("Expected 0 to 100.");
  return value;
};

export function addRulesBacktest(rules: Command): void {
  rules
    .command("backtest")
    .description("Run rules over the events that a collector stores, and tell what they would have raised.")
    .argument("<rules...>", "rule files or folders")
    .option(...urlOption)
    .option(...keyOption)
    .option("--from <time>", "RFC 3339 or relative, such as -7d", "-24h")
    .option("--to <time>", "RFC 3339 or relative; now when left out")
    .option("--show <n>", "examples of each rule, the first ones", examples, 3)
    .option("--expect <file>", "how many alerts rules are to raise; whatever else fires may be wrong")
    .option(
      "--config <file>",
      "configuration whose collector.detect.windows count; vedette.yaml when it exists",
    )
    .option("--json", "the report as one JSON document")
    .option("--quiet", "no progress and no warnings on stderr")
    .addHelpText(
      "after",
      `
It needs a running collector and, where that asks for keys, one that may read. Events come through its API in the order in
which they were read, only those of the data types that the rules look at; the engine runs here, with the time of the events.
Nothing is raised or stored. Windows begin empty: begin earlier than you ask by the longest of them. Ctrl-C stops it and tells
what was found until then.

An expectation file names rules by id or name:
  rules:
    odd_tool: { exactly: 3 }
    ssh-brute-force: { atLeast: 1, atMost: 20 }

Examples:
  vedette rules backtest rules/odd_tool.yaml --from -7d
  vedette rules backtest rules/ --from 2026-01-10T00:00:00Z --to 2026-01-11T00:00:00Z --expect expect.yaml --json

Exit codes: 0 done and as expected, 1 not as expected, stopped, or a rule failed, 2 wrong usage or a rule cannot run.`,
    )
    .action(async (paths: string[], options: BacktestCommandOptions) => {
      const { backtest } = await import("./backtest/run.ts");
      const { backtestText } = await import("./backtest/report.ts");
      const tell = (text: string): void => {
        if (!options.quiet) process.stderr.write(`${text}\n`);
      };
      const result = await backtest({ ...options, rules: paths, tell }, untilStopped());
      const { complete, report, surprises } = result;
      if (options.json)
        process.stdout.write(`${JSON.stringify({ complete, ...report, surprises }, null, 2)}\n`);
      else process.stdout.write(backtestText(report, surprises));
      if (!complete) process.stderr.write("backtest: stopped; the report is of what was read until then.\n");
      if (!complete || surprises.length > 0 || report.failed.length > 0) process.exitCode = 1;
    });
}
