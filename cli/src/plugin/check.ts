import { formatProblem } from "@vedette/core/config";
import { checkSpec, type IconProblem } from "@vedette/core/plugins/icon";
import { UsageError } from "../exit.ts";
import { checkOwnPlugin, isOwnPlugin } from "./check-own.ts";

/** A problem of a plugin of our own kind. */
interface OwnProblem {
  readonly file: string;
  readonly message: string;
}

interface How {
  readonly against?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Prints what is wrong with specs; exit code 2 where there is an error. */
export async function checkPlugins(paths: readonly string[], { against, json, quiet }: How): Promise<void> {
  if (against !== undefined && paths.length > 1)
    throw new UsageError("--against is for one spec: an older version of the same plugin.");
  const all: (IconProblem | OwnProblem)[] = [];
  for (const path of paths) {
    if (isOwnPlugin(path)) {
      const { said, problems } = await checkOwnPlugin(path);
      all.push(...problems.map((message) => ({ file: path, message })));
      if (!json) for (const problem of problems) process.stdout.write(`${path}: ${problem}\n`);
      process.stderr.write(`${said}; ${problems.length} errors.\n`);
      continue;
    }
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

const isError = (problem: IconProblem | OwnProblem): boolean =>
  !("severity" in problem) || problem.severity !== "warning";
