import type { Command } from "commander";
import { apiAddress, askApi, keyOption, urlOption } from "../live/api.ts";
import { untilStopped } from "../signals.ts";

interface Item {
  readonly id: string;
  readonly version: string;
  readonly condition: string;
  readonly message: string;
  readonly capabilities: readonly string[];
}
interface Answer {
  readonly items: readonly Item[];
  readonly broken: readonly { readonly place: string; readonly reason: string }[];
}

export function addPluginList(plugin: Command): void {
  plugin
    .command("list")
    .description("List the plugins of a running collector, and how they do.")
    .option(...urlOption)
    .option(...keyOption)
    .option("--json", "as one JSON object")
    .addHelpText(
      "after",
      "\nExample:\n  vedette plugin list --json | jq '.items[] | select(.condition == \"error\")'",
    )
    .action(async (options: { readonly url: string; readonly key?: string; readonly json?: true }) => {
      const response = await askApi(apiAddress(options.url, "plugins"), options, untilStopped());
      const answer = (await response.json()) as Answer;
      if (options.json) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
      else
        process.stdout.write(
          linesOf(answer)
            .map((line) => `${line}\n`)
            .join(""),
        );
    });
}

const linesOf = ({ items, broken }: Answer): string[] => [
  ...items.map(({ id, version, condition, message, capabilities }) =>
    [id.padEnd(20), version.padEnd(8), condition.padEnd(9), capabilities.join(","), ` ${message}`].join(" "),
  ),
  ...broken.map(({ place, reason }) => `${place} cannot be loaded: ${reason}`),
];
