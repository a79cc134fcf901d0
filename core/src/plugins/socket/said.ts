import type { Readable } from "node:stream";
import type { Logger } from "@vedette/sdk";
import { LineStream } from "@vedette/sdk/input";

const maxLineBytes = 8 << 10;
const linesPerSecond = 20;
const burst = 200;

/** Puts what a plugin writes into our log: so many lines, each so long. What is left out is counted. */
export class SaidLines {
  readonly #log: Logger;
  readonly #plugin: string;
  readonly #now: () => number;
  #tokens = burst;
  #filledAt: number;
  #leftOut = 0;
  /** The last line, for the reason why a plugin ended. */
  last = "";

  constructor(plugin: string, log: Logger, now: () => number = () => performance.now()) {
    this.#plugin = plugin;
    this.#log = log;
    this.#now = now;
    this.#filledAt = now();
  }

  follow(stream: Readable, name: "stdout" | "stderr"): void {
    const lines = new LineStream(maxLineBytes);
    stream.on("data", (chunk: Buffer) => {
      for (const { raw } of lines.take(chunk)) this.take(raw, name);
    });
    stream.on("end", () => {
      const rest = lines.rest();
      if (rest) this.take(rest.raw, name);
    });
    stream.on("error", () => undefined);
  }

  take(line: string, stream: "stdout" | "stderr"): void {
    if (line.trim() === "") return;
    this.last = line.slice(0, 500);
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * linesPerSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) {
      this.#leftOut++;
      return;
    }
    this.#tokens--;
    const plugin = this.#plugin;
    if (this.#leftOut > 0) {
      this.#log.warn({ plugin, leftOut: this.#leftOut }, "A plugin writes so much that lines were left out.");
      this.#leftOut = 0;
    }
    const entry = entryOf(line);
    if (entry) this.#log[levelOf(entry)]({ plugin, entry }, "A plugin says something.");
    else this.#log.info({ plugin, stream, line }, "A plugin says something.");
  }
}

/** The entry of a line that the SDK's catcher wrote: JSON with a message, perhaps with a sign before it. */
function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  const start = line.indexOf("{");
  if (start < 0 || start > 16) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(start));
    return typeof value === "object" && value !== null && "msg" in value
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function levelOf(entry: Readonly<Record<string, unknown>>): "info" | "warn" | "error" {
  const severity = String(entry.severity ?? "").toLowerCase();
  if (/err|crit|alert|emerg|fatal/.test(severity)) return "error";
  return severity.startsWith("warn") ? "warn" : "info";
}
