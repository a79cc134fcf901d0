import { existsSync, writeFileSync } from "node:fs";
import { importedDocs, printWorkflow } from "@vedette/collector/respond";
import { formatProblem } from "@vedette/core/config";
import { messageOf } from "@vedette/sdk";
import { OutputError, UsageError } from "../exit.ts";

/** The options of `vedette workflow import`. */
export interface ImportOptions {
  readonly out?: string;
  readonly force?: true;
}

/** Does what `vedette workflow import` says. */
export function importWorkflow(file: string, { out, force }: ImportOptions): void {
  const { docs, problems } = importedDocs(file);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  const wrong = problems.filter(({ severity }) => severity !== "warning");
  if (docs.length === 0 || (wrong.length > 0 && !force)) {
    process.stderr.write(
      `import: ${wrong.length} problems; nothing was written.${docs.length > 0 ? " --force writes it as it is." : ""}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const text = docs.map(printWorkflow).join("");
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  if (existsSync(out) && !force) throw new UsageError(`${out} is there already. --force writes over it.`);
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw new OutputError(`${out} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
  process.stderr.write(`import: wrote ${out}.\n`);
}
