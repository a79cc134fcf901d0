import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../exit.ts";
import { apiAddress, askApi, keyOption, urlOption } from "../live/api.ts";
import { plain } from "../live/plain.ts";
import { untilStopped } from "../signals.ts";

interface QueryOptions {
  readonly url: string;
  readonly key?: string;
  readonly filter: string[];
  readonly from: string;
  readonly to?: string;
  readonly limit: number;
  readonly json?: true;
  readonly alerts?: true;
  readonly follow?: true;
}

type Row = Record<string, unknown>;

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new InvalidArgumentError("Expected 1 to 100000.");
  return value;
};

export function addQuery(program: Command): void {
  program
    .command("query")
    .description("Search events or alerts of a running collector.")
    .argument("[text]", 'words, "phrases", -not, field:value', "")
    .option(...urlOption)
    .option(...keyOption)
    .option(
      "--filter <field:value>",
      "only events where it holds; repeat for more",
      (value, all: string[]) => [...all, value],
      [],
    )
    .option("--from <time>", "RFC 3339 or relative, such as -15m", "-1h")
    .option("--to <time>", "RFC 3339 or relative; now when left out")
    .option("--limit <n>", "most rows to print", count, 100)
    .option("--alerts", "alerts instead of events")
    .option("--follow", "print new events as they arrive, until Ctrl-C")
    .option("--json", "one JSON object a line")
    .addHelpText(
      "after",
      `
Examples:
  vedette query --from -1h --limit 20
  vedette query 'wp-login' --filter origin.geolocation.countryCode:DE
  vedette query --alerts --json | jq .name
  vedette query --follow --filter eventType:auth.*`,
    )
    .action(async (text: string, options: QueryOptions) => {
      const signal = untilStopped();
      if (options.follow) await follow(text, options, signal);
      else await list(text, options, signal);
    });
}

function address(path: string, text: string, options: QueryOptions, extra: Record<string, string>): URL {
  const url = apiAddress(options.url, path);
  if (text) url.searchParams.set("q", text);
  for (const filter of options.filter) url.searchParams.append("filter", filter);
  for (const [name, value] of Object.entries(extra)) url.searchParams.set(name, value);
  return url;
}

async function list(text: string, options: QueryOptions, signal: AbortSignal): Promise<void> {
  const range = { from: options.from, ...(options.to ? { to: options.to } : {}) };
  let left = options.limit;
  let cursor: string | undefined;
  do {
    const extra = { ...range, limit: String(Math.min(left, 500)), ...(cursor ? { cursor } : {}) };
    const response = await askApi(
      address(options.alerts ? "alerts" : "events", text, options, extra),
      options,
      signal,
    );
    const page = (await response.json()) as { items: Row[]; next?: string | null };
    for (const row of page.items) print(row, options);
    left -= page.items.length;
    cursor = page.next ?? undefined;
  } while (cursor && left > 0);
}

/** Reads server-sent events; prints the data of each `event` message. */
async function follow(text: string, options: QueryOptions, signal: AbortSignal): Promise<void> {
  if (options.alerts) throw new UsageError("--follow shows events; leave --alerts out.");
  const response = await askApi(address("events/tail", text, options, {}), options, signal);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        const name = /^event: ?(.*)$/m.exec(block)?.[1] ?? "message";
        if (data && (name === "event" || name === "message")) print(JSON.parse(data) as Row, options);
        if (data && name === "dropped")
          process.stderr.write(`vedette: too fast to follow, left out: ${data}\n`);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function print(row: Row, options: QueryOptions): void {
  process.stdout.write(
    `${options.json ? JSON.stringify(row) : (options.alerts ? alertLine : eventLine)(row)}\n`,
  );
}

const at = (row: Row, path: string): unknown =>
  path.split(".").reduce<unknown>((node, key) => (node as Row | undefined)?.[key], row);

const eventLine = (row: Row): string =>
  [
    row["@timestamp"],
    plain(row.severity).padEnd(8),
    plain(row.dataType).padEnd(8),
    plain(at(row, "origin.ip")).padEnd(15),
    plain(row.raw),
  ].join("  ");

const alertLine = (row: Row): string =>
  [row["@timestamp"], plain(row.severity).padEnd(8), plain(row.name), plain(at(row, "adversary.ip"))].join(
    "  ",
  );
