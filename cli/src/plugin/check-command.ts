import type { Command } from "commander";

interface CheckOptions {
  readonly against?: string;
  readonly json?: true;
  readonly quiet?: true;
}

export function addPluginCheck(plugin: Command): void {
  plugin
    .command("check")
    .description(
      "Check plugins: plugin.spec.yaml files, every problem with its place, its rule and its cure; and folders of plugins of our own kind.",
    )
    .argument("<specs...>", "spec files, or folders of plugins")
    .option(
      "--against <spec>",
      "an older version of the spec: is the version moved as far as the changes ask?",
    )
    .option("--quiet", "errors only, no warnings")
    .option("--json", "problems as one JSON list")
    .addHelpText(
      "after",
      `
The rules stand in docs/reference/icon-rules.md. Errors fail the check, warnings do not.

Examples:
  vedette plugin check plugin.spec.yaml
  vedette plugin check plugins/*/ --quiet
  vedette plugin check plugins/my-firewall
  git show main:okta/plugin.spec.yaml > old.yaml; vedette plugin check okta --against old.yaml

Exit codes: 0 good, 2 a spec has errors or cannot be read.`,
    )
    .action(async (specs: string[], options: CheckOptions) => {
      const { checkPlugins } = await import("./check.ts");
      await checkPlugins(specs, options);
    });
}
