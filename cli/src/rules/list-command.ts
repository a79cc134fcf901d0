import { builtinRules, loadRules, type Rule } from "@vedette/collector";
import { ConfigError } from "@vedette/core/config";
import type { Command } from "commander";

interface ListOptions {
  readonly json?: true;
}

export function addRulesList(rules: Command): void {
  rules
    .command("list")
    .description("List rules: the built-in ones, or those of files and folders.")
    .argument("[paths...]", "rule files or folders; the built-in rules when left out")
    .option("--json", "as one JSON list")
    .addHelpText(
      "after",
      `
Example:
  vedette rules list rules/ --json | jq -r '.[] | select(.severity == "critical") | .id'`,
    )
    .action((paths: string[], { json }: ListOptions) => {
      const loaded = loadRules(paths.length > 0 ? paths : builtinRules());
      const listed = loaded.rules.map(shown).sort((a, b) => (a.id < b.id ? -1 : 1));
      if (json) process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
      else for (const each of listed) process.stdout.write(`${lineOf(each)}\n`);
      if (loaded.problems.length > 0) throw new ConfigError(loaded.problems);
    });
}

type Shown = ReturnType<typeof shown>;

const shown = ({ id, names, name, language, severity, impact, dataTypes, technique, tags, place }: Rule) => ({
  ...{ id, names, name, language },
  severity:
    severity ??
    ["info", "low", "medium", "high"][
      Math.max(impact.confidentiality, impact.integrity, impact.availability)
    ]!,
  ...{ dataTypes, technique, tags, file: place.file, line: place.line },
});

const lineOf = ({ id, language, severity, dataTypes, name }: Shown): string =>
  `${id.padEnd(36)}  ${severity.padEnd(8)}  ${language === "sigma" ? "sigma" : "event"}  ${dataTypes.join(",").padEnd(20)}  ${name}`;
