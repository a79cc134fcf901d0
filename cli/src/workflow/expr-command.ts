import type { Command } from "commander";

export function addWorkflowExpr(workflow: Command): void {
  workflow
    .command("expr")
    .description(
      "Read an expression of a decision, filter, break or loop and print its tree as JSON, in the form that .icon files hold.",
    )
    .argument("<text>", "the expression; - reads it from standard input")
    .addHelpText(
      "after",
      `
Examples:
  vedette workflow expr 'length({{[Lookup].[results]}}) > 0 AND {{[Lookup].[$success]}}'
  vedette workflow expr '{{[Alert].[name]}} =~ /(?i)brute force/'

Exit codes: 0 good, 2 the expression has a mistake; its line and column are told.`,
    )
    .action(async (text: string) => {
      const { printExpression } = await import("./expr.ts");
      printExpression(text);
    });
}
