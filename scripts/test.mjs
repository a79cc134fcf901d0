/** Every vitest project, with vitest's own report on the way and a plain line of counts at the end. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root } from "./bootstrap/paths.mjs";
import { close } from "./bootstrap/tally.mjs";

const folder = mkdtempSync(join(tmpdir(), "vedette-test-"));
const report = join(folder, "report.json");

const run = () =>
  new Promise((resolve, reject) => {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = [
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ];
    const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`;
    const child = spawn(process.execPath, [vitest, ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PATH: path },
    });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });

/** What the report counts; a file that could not run at all counts as one failure. */
const countsOf = (text) => {
  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults,
  } = JSON.parse(text);
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  );
  return { passed, failed: numFailedTests + broken.length, skipped: numPendingTests + numTodoTests };
};

try {
  const code = await run();
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = countsOf(readFileSync(report, "utf8"));
  } catch (error) {
    process.stderr.write(`vitest wrote no report: ${error.message}\n`);
  }
  // An unhandled error fails the run without failing a test; so does a run that found nothing.
  const hidden = counts.failed === 0 && (code !== 0 || counts.passed === 0) ? 1 : 0;
  close({ ...counts, failed: counts.failed + hidden });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
