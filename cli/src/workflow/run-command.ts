import type { Command } from "commander";
import type { RunOptions } from "./run.ts";

const more = (value: string, all: string[]): string[] => [...all, value];

export function addWorkflowRun(workflow: Command): void {
  workflow
    .command("run")
    .description(
      "Run a workflow here, without a collector, on a recorded alert, and show what each step did.",
    )
    .argument("<file>", "the workflow, in YAML or as an .icon file")
    .option("--alert <file>", "a recorded alert as JSON, as the API gives it; - reads standard input")
    .option("--input <file>", "anything else that it is started with, as JSON")
    .option("--dry-run", "call no action and ask nobody: show what would be done")
    .option("--workflow <id>", "which one, where the file holds several")
    .option(
      "--plugins <path>",
      "folder of an InsightConnect plugin, or of several; repeat for more",
      more,
      [],
    )
    .option(
      "--allow <address>",
      "address on this machine that http.request may reach; repeat for more",
      more,
      [],
    )
    .option("--json", "the journal as JSON")
    .addHelpText(
      "after",
      `
Nothing is kept: a job that waits for a person or a time ends with what it waits for.

Examples:
  vedette workflow run answer.yaml --alert alert.json --dry-run
  vedette workflow run answer.yaml --alert - --json < alert.json

Exit codes: 0 succeeded, or waits; 1 failed or uncertain; 2 wrong usage, or a mistake in the workflow.`,
    )
    .action(async (file: string, options: RunOptions) => {
      const { runWorkflow } = await import("./run.ts");
      await runWorkflow(file, options);
    });
}
