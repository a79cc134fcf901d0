import { formatProblem } from "@vedette/core/config";
import { checkSpec, type IconProblem } from "@vedette/core/plugins/icon";
import { UsageError } from "../exit.ts";

interface How {
  readonly against?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Prints what is wrong with specs; exit code 2 where there is an error. */
export function checkPlugins(paths: readonly string[], { against, json, quiet }: How): void {
  if (against !== undefined && paths.length > 1)
    throw new UsageError("--against is for one spec: an older version of the same plugin.");
  const all: IconProblem[] = [];
  for (const path of paths) {
    const { file, name, version, problems, counts } = checkSpec(path, against);
    const shown = quiet ? problems.filter(isError) : problems;
    all.push(...shown);
    if (json) continue;
    for (const problem of shown) process.stdout.write(`${formatProblem(problem)} [${problem.rule}]\n`);
    const errors = problems.filter(isError).length;
    const what = `${name || file} ${version}: ${counts.actions} actions, ${counts.triggers} triggers, ${counts.tasks} tasks`;
    process.stderr.write(`${what}; ${errors} errors, ${problems.length - errors} warnings.\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  if (all.some(isError)) process.exitCode = 2;
}

const isError = ({ severity }: IconProblem): boolean => severity !== "warning";
