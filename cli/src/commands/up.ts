import { type Command, InvalidArgumentError } from "commander";
import { defaultDataDir } from "../data-dir.ts";
import type { UpOptions } from "../run/up.ts";

const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("Expected 0 to 65535.");
  return value;
};

export function addUp(program: Command): void {
  program
    .command("up")
    .description("Run agent, collector and page on this machine. Opens nothing beyond loopback.")
    .option("--data-dir <dir>", "where everything is kept", defaultDataDir)
    .option("--port <n>", "port of the page; 8600, or the next free one, when left out", port)
    .option("--config <file>", "configuration file; its agent and collector sections are used as they are")
    .option("--no-samples", "do not write and read the bundled sample logs")
    .option("--no-host-logs", "do not read this host's own logs")
    .addHelpText(
      "after",
      `
Reads a bundled, realistic sample set with an ssh brute force and a web scan inside, and whatever readable logs
this host has under the usual paths. Delete the data folder to start afresh.

Examples:
  vedette up
  vedette up --no-samples --port 9000
  vedette up --config vedette.yaml`,
    )
    .action(async (options: UpOptions) => {
      const { runUp } = await import("../run/up.ts");
      await runUp(options);
    });
}
