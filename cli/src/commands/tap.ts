import { type Command, InvalidArgumentError, Option } from "commander";
import { untilStopped } from "../signals.ts";

interface TapOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly point: string;
  readonly type?: string;
  readonly filter?: string;
  readonly sample: number;
  readonly limit?: number;
}

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a whole number from 1.");
  return value;
};

export function addTap(program: Command): void {
  program
    .command("tap")
    .description("Look at what passes through a running agent, one JSON object a line. Changes nothing.")
    .addOption(
      new Option("--point <where>", "where to look")
        .choices(["logs", "events", "drops", "batches", "acks"])
        .default("events"),
    )
    .option("--type <dataType>", "only this data type")
    .option("--filter <expression>", "only where a CEL expression holds")
    .option("--sample <n>", "one of this many that pass the filter", count, 1)
    .option("--limit <n>", "end after this many lines", count)
    .option("--config <file>", "the agent's configuration; vedette.yaml when it exists")
    .option("--state-dir <dir>", "the agent's state folder, instead of a configuration")
    .addHelpText(
      "after",
      `
Points: logs (as read), events (as parsed), drops (with their reason), batches and acks (headers).
A reader that is too slow misses lines and is told how many; the agent never waits for it.
For what a collector stores, see vedette query --follow.

Examples:
  vedette tap --type nginx --filter 'greaterOrEqual("statusCode", 500)'
  vedette tap --point drops
  vedette tap --filter 'exists("errors")' --limit 10 | jq -r .raw`,
    )
    .action(async (options: TapOptions) => {
      const { agentSocket, askAgent } = await import("../live/agent-socket.ts");
      const { linesOf } = await import("../live/lines-of.ts");
      const stop = new AbortController();
      const signal = AbortSignal.any([untilStopped(), stop.signal]);
      const query = new URLSearchParams({ point: options.point, sample: String(options.sample) });
      if (options.type !== undefined) query.set("dataType", options.type);
      if (options.filter !== undefined) query.set("filter", options.filter);
      try {
        const stream = await askAgent(agentSocket(options), "GET", `/tap?${query}`, signal);
        let left = options.limit ?? Number.POSITIVE_INFINITY;
        for await (const line of linesOf(stream)) {
          if (line.startsWith('{"missed":')) {
            process.stderr.write(`vedette: too fast to follow, left out: ${line}\n`);
            continue;
          }
          process.stdout.write(`${line}\n`);
          if (--left <= 0) break;
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        stop.abort();
      }
    });
}
