import type { Command } from "commander";

interface LookupOptions {
  readonly config?: string;
  readonly json?: true;
}

export function addLookup(program: Command): void {
  program
    .command("lookup")
    .description("Show which threat lists of the configuration hold an address, domain, hash or URL.")
    .argument("<value...>", "addresses, domains, hashes or URLs")
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .option("--json", "the answers as JSON")
    .addHelpText(
      "after",
      `
Lists in files are read as they are now, those from URLs from the last copy that the collector fetched; nothing is
asked over the network. Exits with 1 where no list holds any of the values.

Examples:
  vedette lookup 203.0.113.7
  vedette lookup --json evil.example.org 0123456789abcdef0123456789abcdef`,
    )
    .action(async (values: string[], options: LookupOptions) => {
      const { lookUp } = await import("../lookup/look-up.ts");
      const { answers, lists } = await lookUp(values, options.config);
      if (options.json) process.stdout.write(`${JSON.stringify({ answers, lists }, null, 2)}\n`);
      else {
        for (const { value, lists: found } of answers)
          process.stdout.write(`${value}  ${found.length > 0 ? found.join(", ") : "in no list"}\n`);
        for (const { name, problem } of lists)
          if (problem !== undefined) process.stderr.write(`The list ${name} was not read: ${problem}\n`);
        if (lists.length === 0)
          process.stderr.write("The configuration names no lists (collector.intel.lists).\n");
      }
      if (answers.every((answer) => answer.lists.length === 0)) process.exitCode = 1;
    });
}
