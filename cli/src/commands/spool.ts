import { type Command, InvalidArgumentError } from "commander";
import type { ReplayFlags } from "../run/replay.ts";

export function addSpool(program: Command): void {
  const spool = program
    .command("spool")
    .description(
      "Look into an agent's spool, or ship one that no agent runs on any more. Nothing in it is changed.",
    );
  spool
    .command("check")
    .description("Check every segment and say what is in it.")
    .argument("<dir>", "the spool's folder, <stateDir>/spool of an agent")
    .option("--json", "the report as JSON")
    .addHelpText("after", "\nExample:\n  vedette spool check vedette-data/agent/spool")
    .action(async (dir: string, options: { readonly json?: true }) => {
      const { checkSpool } = await import("@vedette/agent");
      const report = await checkSpool(dir);
      if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else {
        for (const segment of report.segments) {
          const state = segment.problem === undefined ? "good" : `DAMAGED: ${segment.problem}`;
          process.stdout.write(
            `${segment.name}  ${segment.batches} batches  ${segment.rows} events  ${segment.bytes} bytes  ${state}\n`,
          );
        }
        process.stdout.write(
          `${report.batches} batches, ${report.rows} events, ${report.bytes} bytes, epoch ${report.epoch ?? "unknown"}.\n`,
        );
      }
      if (report.segments.some((segment) => segment.problem !== undefined)) process.exitCode = 1;
    });
  spool
    .command("cat")
    .description("Print the events in a spool, one JSON object a line.")
    .argument("<dir>", "the spool's folder")
    .option("--headers", "batch headers instead of events")
    .addHelpText("after", "\nExample:\n  vedette spool cat vedette-data/agent/spool | jq -c .raw")
    .action(async (dir: string, options: { readonly headers?: true }) => {
      const { catSpool } = await import("@vedette/agent");
      for await (const { header, batch } of catSpool(dir)) {
        if (options.headers) process.stdout.write(`${JSON.stringify(header)}\n`);
        else
          for (let row = 0; row < batch.rows; row++)
            process.stdout.write(`${JSON.stringify(batch.event(row))}\n`);
      }
    });
  spool
    .command("replay")
    .description("Ship the batches of a spool to a collector, such as those of a host that is gone.")
    .argument("<dir>", "the spool's folder, or its damaged/ folder")
    .option("--to <address>", "the collector, host:port", "127.0.0.1:8601")
    .option("--all", "also batches that a collector has acknowledged before")
    .option("--patience <seconds>", "give up after this time without progress", patience, 60)
    .option("--ca <file>", "ship over TLS to a collector whose certificate is of these authorities, PEM")
    .option("--cert <file>", "certificate of the agent, PEM, for a collector that asks for one")
    .option("--key <file>", "private key of the certificate, PEM")
    .option("--dangerously-allow-plaintext", "ship without TLS to an address other than loopback")
    .option("--json", "the report as JSON")
    .addHelpText(
      "after",
      `
Batches keep their ids, so whatever the collector has already is answered as a duplicate: a replay can be repeated.

Example:
  vedette spool replay /mnt/old-host/vedette-data/agent/spool --to 127.0.0.1:8601`,
    )
    .action(async (dir: string, options: ReplayFlags) => {
      const { runReplay } = await import("../run/replay.ts");
      await runReplay(dir, options);
    });
}

const patience = (text: string): number => {
  const value = Number(text);
  if (!(value >= 1 && value <= 86_400)) throw new InvalidArgumentError("Expected 1 to 86400 seconds.");
  return value;
};
