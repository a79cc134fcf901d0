import type { Command } from "commander";

interface CheckOptions {
  readonly config?: string;
  readonly pipeline: string[];
  readonly rules: string[];
  readonly json?: true;
}

const more = (value: string, all: string[]): string[] => [...all, value];

export function addCheck(program: Command): void {
  program
    .command("check")
    .description("Check configuration, pipelines and rules. Opens no port and writes nothing.")
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .option("--pipeline <path>", "pipeline file or folder; repeat for more", more, [])
    .option("--rules <path>", "rule file or folder; repeat for more", more, [])
    .option("--json", "problems as one JSON list")
    .addHelpText(
      "after",
      `
Without --pipeline and --rules, those that the configuration names are checked, with the built-in ones.

Examples:
  vedette check
  vedette check --config /etc/vedette/vedette.yaml
  vedette check --pipeline my_app.yaml --rules rules/`,
    )
    .action(async (options: CheckOptions) => {
      const { checkAll } = await import("../check/check.ts");
      const { tell } = await import("../check/tell.ts");
      const { problems, checked } = await checkAll(options);
      const { config, pipelines, rules } = checked;
      tell(
        problems,
        `${config ?? "no configuration file"}, pipelines for ${pipelines} data types, ${rules} rules`,
        options,
      );
    });
}
