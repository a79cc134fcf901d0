import type { Command } from "commander";
import { addWorkflowCheck } from "../workflow/check-command.ts";
import { addWorkflowExpr } from "../workflow/expr-command.ts";
import { addWorkflowImport } from "../workflow/import-command.ts";
import { addWorkflowRun } from "../workflow/run-command.ts";

/** `vedette workflow …`: each subcommand is a file in ../workflow. */
export function addWorkflow(program: Command): void {
  const workflow = program
    .command("workflow")
    .description("Check, import and run workflows, and read their expressions.");
  for (const add of [addWorkflowCheck, addWorkflowRun, addWorkflowImport, addWorkflowExpr]) add(workflow);
}
