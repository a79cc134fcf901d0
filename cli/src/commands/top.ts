import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { Sample } from "../live/samples.ts";
import { untilStopped } from "../signals.ts";

interface TopOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly url?: string;
  readonly key?: string;
  readonly every: number;
  readonly once?: true;
  readonly json?: true;
}

/** What is shown: the program in words, and its metrics. */
interface Reading {
  readonly head: readonly string[];
  readonly samples: readonly Sample[];
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0.2 && value <= 3_600)) throw new InvalidArgumentError("Expected 0.2 to 3600 seconds.");
  return value;
};

export function addTop(program: Command): void {
  program
    .command("top")
    .description("Watch an agent (or a collector) work: rates, lag, queue, and drops with their reasons.")
    .option("--config <file>", "the agent's configuration; vedette.yaml when it exists")
    .option("--state-dir <dir>", "the agent's state folder, instead of a configuration")
    .option("--url <url>", "a collector instead of an agent, such as http://127.0.0.1:8600")
    .option("--key <key>", "API key of the collector, or set VEDETTE_KEY", process.env.VEDETTE_KEY)
    .option("--every <seconds>", "time between two looks", seconds, 1)
    .option("--once", "look twice, print once, end")
    .option("--json", "one JSON object a look: rates and totals of every series")
    .addHelpText(
      "after",
      `
Examples:
  vedette top                                   the agent of this folder
  vedette top --state-dir /var/lib/vedette-agent
  vedette top --url http://127.0.0.1:8600       a collector
  vedette top --once --json | jq '.rates[] | select(.name == "vedette_agent_dropped_total")'`,
    )
    .action(async (options: TopOptions) => {
      const signal = untilStopped();
      const { ratesOf } = await import("../live/samples.ts");
      const { table } = await import("../live/table.ts");
      const read = await reader(options);
      const live = process.stdout.isTTY && !options.json && !options.once;
      let before: { readonly samples: readonly Sample[]; readonly at: number } | undefined;
      while (!signal.aborted) {
        const at = performance.now();
        const { head, samples } = await read(signal);
        const rates = ratesOf(samples, before?.samples, before ? (at - before.at) / 1_000 : 0);
        const quiet = options.once === true && !before;
        if (!quiet && options.json) process.stdout.write(`${JSON.stringify({ head, rates })}\n`);
        else if (!quiet) {
          const rows = [...head, ...table(rates, process.stdout.columns ?? 120)];
          const shown = live ? rows.slice(0, Math.max(10, (process.stdout.rows ?? 50) - 1)) : rows;
          process.stdout.write(`${live ? "\u001b[H\u001b[2J" : ""}${shown.join("\n")}\n`);
        }
        if (options.once && before) return;
        before = { samples, at };
        await sleep(options.every * 1_000, undefined, { signal }).catch(() => undefined);
      }
    });
}

async function reader(options: TopOptions): Promise<(signal: AbortSignal) => Promise<Reading>> {
  const { parseSamples } = await import("../live/samples.ts");
  if (options.url !== undefined) {
    const { url, key } = options;
    return async (signal) => {
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const response = await fetch(new URL("/metrics", url), { headers, signal });
      if (!response.ok) throw new Error(`The collector at ${url} answered ${response.status}.`);
      return { head: [`collector  ${url}`], samples: parseSamples(await response.text()) };
    };
  }
  const { agentSocket, askAgent, textOf } = await import("../live/agent-socket.ts");
  const { agentHead } = await import("../live/agent-head.ts");
  const socket = agentSocket(options);
  return async (signal) => ({
    head: agentHead(JSON.parse(await textOf(await askAgent(socket, "GET", "/status", signal)))),
    samples: parseSamples(await textOf(await askAgent(socket, "GET", "/metrics", signal))),
  });
}
