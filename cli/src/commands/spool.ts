import type { Command } from "commander";

export function addSpool(program: Command): void {
  const spool = program
    .command("spool")
    .description("Look into an agent's spool. Reads only; the agent may be running.");
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
}
