import { existsSync, readFileSync } from "node:fs";
import { builtinRules, type Explanation, explainRule, type Rule } from "@vedette/collector";
import { didYouMean } from "@vedette/core/config";
import { docOf } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { readEvent, type TriedEvent } from "./event.ts";
import { RuleSet } from "./rule-set.ts";

interface ExplainOptions {
  readonly rules: string[];
  readonly type?: string;
  readonly json?: true;
}

const more = (value: string, all: string[]): string[] => [...all, value];

export function addRulesExplain(rules: Command): void {
  rules
    .command("explain")
    .description(
      "Show why a rule holds for an event or not: each condition, whether it held, and the values.",
    )
    .argument("<rule>", "a rule file, or the id or name of a rule")
    .argument("<event>", "the event as JSON, a file that holds it, or - for stdin")
    .option(
      "--rules <path>",
      "rule file or folder that a rule's id is looked for in; repeat for more",
      more,
      [],
    )
    .option("--type <dataType>", "data type of an event that names none")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Every condition is asked, also where those before it have decided. The log source plays no part; history conditions are
not asked.

Examples:
  vedette rules explain rules/odd_tool.yaml event.json
  vedette rules explain ssh-brute-force '{"dataType":"sshd","actionResult":"failed"}'

Exit codes: 0 the rule holds, 1 it does not, 2 wrong usage.`,
    )
    .action((wanted: string, given: string, options: ExplainOptions) => {
      const tried = eventOf(given, options.type);
      const isFile = existsSync(wanted);
      const paths = isFile ? [wanted] : options.rules.length > 0 ? options.rules : builtinRules();
      const warn = (text: string): void => void process.stderr.write(`${text}\n`);
      const all = new RuleSet(paths, { logsource: "on", warn }).for(tried.plain).rules;
      const chosen = isFile ? all : all.filter(({ names, name }) => [...names, name].includes(wanted));
      if (chosen.length === 0) throw new UsageError(noRule(wanted, all));
      const doc = docOf(tried.event);
      const explained = chosen.map((rule) => ({ rule, explanation: explainRule(rule, doc) }));
      if (options.json) {
        const shown = explained.map(({ rule: { id, name }, explanation }) => ({ id, name, ...explanation }));
        process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      } else {
        for (const { rule, explanation } of explained) process.stdout.write(textOf(rule, explanation));
      }
      if (!explained.some(({ explanation }) => explanation.held)) process.exitCode = 1;
    });
}

function eventOf(given: string, dataType: string | undefined): TriedEvent {
  let text = given;
  if (!given.trimStart().startsWith("{")) {
    try {
      text = readFileSync(given === "-" ? 0 : given, "utf8");
    } catch (error) {
      throw new UsageError(`The event cannot be read: ${messageOf(error)}.`, { cause: error });
    }
  }
  try {
    return readEvent(text, dataType);
  } catch (error) {
    throw new UsageError(`The event cannot be used: ${messageOf(error)}.`, { cause: error });
  }
}

function noRule(wanted: string, all: readonly Rule[]): string {
  const meant = didYouMean(
    wanted,
    all.flatMap(({ names }) => [...names]),
  );
  return `There is no rule "${wanted}".${meant === undefined ? "" : ` ${meant}`}`;
}

function textOf({ id, name }: Rule, explanation: Explanation): string {
  return `${id} "${name}" ${explanation.held ? "holds" : "does not hold"}\n${branch(explanation, 1)}`;
}

function branch({ said, held, fault, values = [], parts = [] }: Explanation, depth: number): string {
  const found = values.map(
    ({ path, value }) => `${path} is ${value === undefined ? "absent" : JSON.stringify(value)}`,
  );
  const more = [...found, ...(fault === undefined ? [] : [`fault: ${fault}`])].join(", ");
  const line = `${"  ".repeat(depth)}${held ? "+" : "-"} ${said}${more === "" ? "" : `   (${more})`}\n`;
  return line + parts.map((part) => branch(part, depth + 1)).join("");
}
