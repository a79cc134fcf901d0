import type { Command } from "commander";
import { addRulesBacktest } from "../rules/backtest-command.ts";
import { addRulesCheck } from "../rules/check-command.ts";
import { addRulesExplain } from "../rules/explain-command.ts";
import { addRulesList } from "../rules/list-command.ts";
import { addRulesMatch } from "../rules/match-command.ts";
import { addRulesPack } from "../rules/pack/command.ts";
import { addRulesReload } from "../rules/reload-command.ts";
import { addRulesTest } from "../rules/test-command.ts";

/** `vedette rules …`: each subcommand is a file in ../rules. */
export function addRules(program: Command): void {
  const rules = program
    .command("rules")
    .description("List, check, try and reload detection rules of every language.");
  const all = [
    addRulesList,
    addRulesCheck,
    addRulesTest,
    addRulesBacktest,
    addRulesMatch,
    addRulesExplain,
    addRulesReload,
    addRulesPack,
  ];
  for (const add of all) add(rules);
}
