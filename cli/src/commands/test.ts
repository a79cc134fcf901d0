import type { Command } from "commander";

interface TestOptions {
  readonly update?: true;
  readonly json?: true;
  readonly explain?: true;
}

export function addTest(program: Command): void {
  program
    .command("test")
    .description("Run the tests of pipelines: lines in, and the events they must become.")
    .argument("[paths...]", "test folders, or folders above them; those below this folder when left out")
    .option("--update", "write what was found as what is expected; read the difference before it is kept")
    .option(
      "--explain",
      "say too whether an agent reads such lines many at once, which is several times faster, or one by one, and why",
    )
    .option("--json", "results as one JSON list; with --explain an object of results and pipelines")
    .addHelpText(
      "after",
      `
A test is a folder:
  lines.log        raw lines, one a line
  expected.ndjson  the event of each line; --update writes it
  pipeline.yaml    the pipeline, here or in the nearest folder above
  case.yaml        when needed: "dataType: my_app", "time: 2026-01-15T12:00:00Z" (when the lines were read)
Where no pipeline.yaml is found, the built-in one of the data type in case.yaml runs. Without paths and without tests
below this folder, those of the built-in pipelines run.

Example, from nothing:
  mkdir -p my_app/tests/logins
  tail -20 /var/log/my_app.log > my_app/tests/logins/lines.log
  vedette test my_app --update     writes my_app/tests/logins/expected.ndjson with my_app/pipeline.yaml
  vedette test my_app              1 passed, 0 failed

Exit codes: 0 all passed, 1 one failed, 2 wrong usage.`,
    )
    .action(async (paths: string[], options: TestOptions) => {
      const { selectCases, TestRun } = await import("../test/run.ts");
      const { caseText, shareText } = await import("../test/report.ts");
      const run = new TestRun({ update: options.update === true });
      const results = selectCases(paths).map((folder) => {
        const tested = run.run(folder);
        if (!options.json) process.stdout.write(caseText(tested));
        return tested;
      });
      const failed = results.filter(({ passed }) => !passed).length;
      const shares = options.explain ? run.explain() : [];
      const told = options.explain ? { results, pipelines: shares } : results;
      if (options.json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
      else
        process.stdout.write(
          `${results.length - failed} passed, ${failed} failed\n${shares.map(shareText).join("")}`,
        );
      if (failed > 0) process.exitCode = 1;
    });
}
