import type { Logger } from "@vedette/sdk";

/** Characters of log lines that are kept for a debug bundle. */
const mostCharacters = 200_000;

/** A logger that also remembers what was said last. */
export interface RecentLog extends Logger {
  /** The last lines, the oldest first, one JSON object each. */
  recent(): string;
}

export function recentLog(log: Logger, now: () => number): RecentLog {
  const lines: string[] = [];
  let characters = 0;
  const keep = (level: string, fields: object, message: string): void => {
    const line = JSON.stringify({ time: new Date(now()).toISOString(), level, ...plain(fields), message });
    lines.push(line.length > 4_000 ? `${line.slice(0, 4_000)}…` : line);
    characters += lines.at(-1)!.length;
    while (characters > mostCharacters) characters -= lines.shift()!.length;
  };
  const both =
    (level: "info" | "warn" | "error") =>
    (fields: object, message: string): void => {
      log[level](fields, message);
      keep(level, fields, message);
    };
  return {
    debug: (fields, message) => log.debug(fields, message),
    ...{ info: both("info"), warn: both("warn"), error: both("error") },
    recent: () => `${lines.join("\n")}\n`,
  };
}

/** Fields as JSON can hold them; of errors what they say, without their stacks. */
const plain = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : shown(value),
    ]),
  );

function shown(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.parse(JSON.stringify(value ?? null));
  } catch {
    return "[cannot be shown]";
  }
}
