import { formatProblem, type Problem } from "@vedette/core/config";

/** Prints the outcome of a check; exit code 2 when something is wrong. Doubts alone are no failure. */
export function tell(problems: readonly Problem[], what: string, { json }: { readonly json?: true }): void {
  const wrong = problems.filter((problem) => problem.severity !== "warning");
  if (json) process.stdout.write(`${JSON.stringify(problems, null, 2)}\n`);
  else {
    for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
    process.stderr.write(wrong.length > 0 ? `check: ${wrong.length} problems.\n` : `check: ${what}: good.\n`);
  }
  if (wrong.length > 0) process.exitCode = 2;
}
