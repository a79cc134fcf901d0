import { type Command, InvalidArgumentError } from "commander";

const words = ["parse", "enrich", "analyze", "collect", "notify", "assets"] as const;
type Word = (typeof words)[number];

const only = (text: string, all: readonly Word[]): Word[] => {
  const asked = text.split(",").map((word) => word.trim());
  const wrong = asked.find((word) => !words.includes(word as Word));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${words.join(", ")}.`);
  return [...all, ...(asked as Word[])];
};

export function addPluginNew(plugin: Command): void {
  plugin
    .command("new")
    .description("Make a plugin folder that runs as it is, to be changed into yours.")
    .argument("<id>", "name for ever: a-z, 0-9, - and _")
    .option("--dir <folder>", "where the folder is made", ".")
    .option(
      "--only <capabilities>",
      `some of ${words.join(", ")}, separated by commas (default: all)`,
      only,
      [],
    )
    .addHelpText(
      "after",
      `
The folder runs where its parent is in collector.pluginFolders; docs/guide/plugins.md says what the parts do.

Examples:
  vedette plugin new my-firewall --only collect,notify --dir plugins
  vedette plugin check plugins/my-firewall

Exit codes: 0 made, 2 the name or the place will not do.`,
    )
    .action(async (id: string, options: { readonly dir: string; readonly only: readonly Word[] }) => {
      const { scaffold, scaffoldParts } = await import("./new.ts");
      const wanted = options.only.length > 0 ? options.only : scaffoldParts;
      const place = scaffold(id, options.dir, wanted);
      process.stdout.write(`${place}\n`);
      process.stderr.write(
        "Made. Next: `vedette plugin check` it, and name its parent in collector.pluginFolders.\n",
      );
    });
}
