/** Every vitest project, with vitest's own report on the way and a plain line of counts at the end. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root } from "./bootstrap/paths.mjs";
import { close } from "./bootstrap/tally.mjs";

const folder = mkdtempSync(join(tmpdir(), "vedette-test-"));
const report = join(folder, "report.json");
const asked = process.argv.slice(2);
/** More files than these that failed are no chance. */
const mostAskedAgain = 3;

/** Runs vitest; resolves to its exit code and what `counting-reporter.mjs` wrote. */
const run = (args) =>
  new Promise((resolve, reject) => {
    rmSync(report, { force: true });
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporter = join(root, "scripts", "bootstrap", "counting-reporter.mjs");
    const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`;
    const child = spawn(
      process.execPath,
      [vitest, "run", "--reporter=default", `--reporter=${reporter}`, ...args],
      {
        cwd: root,
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...process.env, PATH: path, VEDETTE_REPORT: report },
      },
    );
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("exit", (code) => resolve({ code: code ?? 1, ...read() }));
  });

const read = () => {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch (error) {
    process.stderr.write(`vitest wrote no report: ${error.message}\n`);
    return { files: [], unhandled: 0 };
  }
};

/**
 * In CI a few files that failed are asked once more, alone, and what they said first is printed for good: one slow moment of a
 * foreign program must not hide what the other files found. What guards delivery (`faults`) gets no second try.
 */
const askedAgain = async (first) => {
  const failed = first.files.filter((file) => file.failed > 0);
  const may =
    process.env.CI &&
    first.unhandled === 0 &&
    failed.length > 0 &&
    failed.length <= mostAskedAgain &&
    failed.every(({ project }) => project !== "faults");
  if (!may) return first;
  const names = failed.map(({ file }) => file);
  process.stdout.write(`--- Asked once more: ${names.join(", ")}\n`);
  const again = await run([...asked, ...names]);
  const others = first.files.filter(({ file }) => !names.includes(file));
  const second = again.files.filter(({ file }) => names.includes(file));
  if (second.length !== names.length) return first;
  for (const { file, failures } of failed)
    for (const failure of failures) process.stdout.write(`Failed at the first try: ${file}: ${failure}\n`);
  return { ...again, files: [...others, ...second] };
};

try {
  const { code, files } = await askedAgain(await run(asked));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) for (const key of Object.keys(counts)) counts[key] += file[key];
  // An unhandled error fails the run without failing a test; so does a run that found nothing.
  const hidden = counts.failed === 0 && (code !== 0 || counts.passed === 0) ? 1 : 0;
  close({ ...counts, failed: counts.failed + hidden });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
