import type { Command } from "commander";

interface TestOptions {
  readonly with: readonly string[];
  readonly update?: true;
  readonly json?: true;
}

const more = (value: string, all: readonly string[]): string[] => [...all, value];

export function addRulesTest(rules: Command): void {
  rules
    .command("test")
    .description("Run the tests of rules: events in, and the alerts that they must raise. No server.")
    .argument("[folders...]", "test folders, or folders above them; this folder when left out")
    .option("--with <path>", "rules that run beside those of each test; repeat for more", more, [])
    .option("--update", "write what was found as what is expected; read the difference before it is kept")
    .option("--json", "results as one JSON list")
    .addHelpText(
      "after",
      `
A test is a folder:
  detection.json   {"rule": "rules/odd_tool.yaml", "dataType": "sshd"}: the rule file or a list of them, here or from the
                   nearest folder above that has it, and what the lines are read as (a list of data types where each line
                   begins with its own, as "sshd| Jan 10 ..."). When needed: "time" (when the lines were read), "pipeline"
                   (its file), "countries" (of addresses of origin), "also" (other rules that are right to find something,
                   and why)
  lines.log        log lines that raise the rule
  events.ndjson    or events that do, one JSON object a line, as "vedette process" writes them
  quiet.log        lines that must raise nothing; quiet.ndjson for events
  expected.json    the alerts, all of them; --update writes it
Lines are read by the pipeline.yaml of the folder or above it, or by the built-in pipeline of the data type. A test of a
built-in rule runs all built-in rules. Rules beside those of a test may find nothing but what "also" names.

Example, from nothing:
  mkdir -p tests/odd_tool
  echo '{"rule": "rules/odd_tool.yaml", "dataType": "sshd"}' > tests/odd_tool/detection.json
  grep odd /var/log/auth.log > tests/odd_tool/lines.log
  vedette rules test tests --update     writes tests/odd_tool/expected.json
  vedette rules test tests              1 passed, 0 failed

Exit codes: 0 all passed, 1 one failed, 2 wrong usage.`,
    )
    .action(async (folders: string[], options: TestOptions) => {
      const { DetectionRun, selectDetections } = await import("./test/run.ts");
      const { detectionText } = await import("./test/report.ts");
      const run = new DetectionRun({ update: options.update === true, beside: options.with });
      const results = selectDetections(folders.length > 0 ? folders : ["."]).map((folder) => {
        const tested = run.run(folder);
        if (!options.json) process.stdout.write(detectionText(tested));
        return tested;
      });
      const failed = results.filter(({ passed }) => !passed).length;
      if (options.json) {
        const shown = results.map(({ lines: _, ...result }) => result);
        process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      } else process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
      if (failed > 0) process.exitCode = 1;
    });
}
