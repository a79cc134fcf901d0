import type { Command } from "commander";
import type { CheckOptions } from "./check.ts";

const more = (value: string, all: string[]): string[] => [...all, value];

export function addWorkflowCheck(workflow: Command): void {
  workflow
    .command("check")
    .description(
      "Check workflows: references to nothing, unknown actions, steps that nothing leads to, decisions without a default branch. Runs nothing.",
    )
    .argument("<files...>", "workflows in YAML, .icon files, or folders of them")
    .option(
      "--plugins <path>",
      "plugin.spec.yaml of a plugin whose actions are called, or a folder of plugins; repeat for more",
      more,
      [],
    )
    .option("--json", "problems as one JSON list")
    .addHelpText(
      "after",
      `
Examples:
  vedette workflow check workflows/
  vedette workflow check block-host.icon --plugins /opt/plugins

Exit codes: 0 good, 2 a workflow has a mistake or cannot be read.`,
    )
    .action(async (files: string[], options: CheckOptions) => {
      const { checkWorkflows } = await import("./check.ts");
      checkWorkflows(files, options);
    });
}
