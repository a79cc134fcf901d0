import { type Command, Option } from "commander";
import { Output } from "../process/output.ts";
import type { NumberedLine } from "./line-reader.ts";

interface MatchOptions {
  readonly logsource: "on" | "off";
  readonly type?: string;
  readonly quiet?: true;
}

export function addRulesMatch(rules: Command): void {
  rules
    .command("match")
    .description(
      "Read events on stdin, one JSON object a line, and write which rules hold for which line. No server.",
    )
    .argument("<rules...>", "rule files or folders")
    .addOption(
      new Option("--logsource <state>", "off tries every rule on every event, wherever it comes from")
        .choices(["on", "off"])
        .default("on"),
    )
    .option("--type <dataType>", "data type of events that name none")
    .option("--quiet", "no summary and no warnings on stderr")
    .addHelpText(
      "after",
      `
A match is a line {"line":N,"rule":ID}; lines count from 1. An event with a "dataType" is one of ours, as "vedette process"
writes it, and Sigma rules find their fields by the mapping. Of any other object a field of a Sigma rule is the key of its
name, and keywords are looked for in all values. History conditions, exceptions and repeats play no part.

Examples:
  vedette rules match rules/ < events.ndjson
  vedette process --type sshd < auth.log | vedette rules match rules/ssh.yaml
  vedette rules match ../sigma/rules --logsource off < sysmon.ndjson

Exit codes: 0 all lines were read, 1 a line holds no event, 2 wrong usage or no rule can run.`,
    )
    .action(async (paths: string[], options: MatchOptions) => {
      const { linesAtOnce, MatchRun } = await import("./match.ts");
      const { numberedLines } = await import("./line-reader.ts");
      const { RuleSet } = await import("./rule-set.ts");
      const warn = (text: string): void => {
        if (!options.quiet) process.stderr.write(`${text}\n`);
      };
      const set = new RuleSet(paths, { logsource: options.logsource, warn });
      const run = new MatchRun(set, options.type, warn);
      const output = new Output(process.stdout, "stdout");
      const started = performance.now();
      let waiting: NumberedLine[] = [];
      const flush = async (): Promise<void> => {
        const lines = waiting;
        waiting = [];
        await output.write(run.take(lines));
      };
      for await (const lines of numberedLines(process.stdin)) {
        for (const line of lines) {
          waiting.push(line);
          if (waiting.length >= linesAtOnce) await flush();
        }
      }
      if (waiting.length > 0) await flush();
      // So that a rule that cannot run is told even where no event came.
      else if (run.summary.lines === 0) set.for(false);
      await output.flush();
      const { lines, matches, unread } = run.summary;
      warn(
        `match: ${lines} lines, ${matches} matches, ${unread} unread in ${((performance.now() - started) / 1_000).toFixed(2)} s.`,
      );
      if (unread > 0) process.exitCode = 1;
    });
}
