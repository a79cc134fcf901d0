import type { Command } from "commander";
import { keyOption, urlOption } from "../live/api.ts";
import { untilStopped } from "../signals.ts";
import { type ReloadTarget, reloadRules } from "./reload.ts";

export function addRulesReload(rules: Command): void {
  rules
    .command("reload")
    .description(
      "Make a running collector read its rules and workflows again, without losing an event; tells what changed.",
    )
    .option(...urlOption)
    .option(...keyOption)
    .option("--json", "what changed as JSON")
    .addHelpText(
      "after",
      `
Files that did not change are not read again. When anything is wrong with a rule or a workflow, the old ones go on and the mistakes are
printed with their places (exit code 2). What unchanged rules have counted stays; new ones look back into what is stored, but
not where several collectors share what rules remember: there they count from now on, and each collector is told by itself.
The key needs the scope admin. A SIGHUP to the collector does the same; its log then tells the outcome.

Example:
  vedette rules reload --url https://collector:8600 --key "$VEDETTE_KEY"`,
    )
    .action((options: ReloadTarget) => reloadRules(options, untilStopped()));
}
