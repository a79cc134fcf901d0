import type { Command } from "commander";
import type { ImportOptions } from "./import.ts";

export function addWorkflowImport(workflow: Command): void {
  workflow
    .command("import")
    .description("Turn a workflow exported from InsightConnect into our YAML.")
    .argument("<file>", "an .icon file")
    .option("--out <file>", "write there; standard output when left out")
    .option("--force", "write although the workflow has mistakes, or the file is there already")
    .addHelpText(
      "after",
      `
What cannot be carried over is told on standard error, with its place in the file: what started the workflow, above all.
Check the result with vedette workflow check.

Examples:
  vedette workflow import block-host.icon
  vedette workflow import block-host.icon --out workflows/block-host.yaml

Exit codes: 0 written, 2 the file cannot be read, or has mistakes that would stop the workflow.`,
    )
    .action(async (file: string, options: ImportOptions) => {
      const { importWorkflow } = await import("./import.ts");
      importWorkflow(file, options);
    });
}
