import { type Command, InvalidArgumentError } from "commander";
import type { Where } from "../alerts/api.ts";
import { keyOption, urlOption } from "../live/api.ts";

export interface Common extends Where {
  readonly json?: true;
}

export interface Asked extends Common {
  readonly type?: string;
  readonly param: Readonly<Record<string, string>>;
  readonly ttl?: number;
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds of a time such as `90s`, `30m`, `4h`, `7d`, or a number of seconds. */
export function seconds(text: string): number {
  const [, number, unit = "s"] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("Expected a time such as 90s, 30m, 4h or 7d.");
  return Number(number) * units[unit]!;
}

/** A number of hours up to `most`. */
export const hours =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new InvalidArgumentError(`Expected 1 to ${most}.`);
    return value;
  };

function parameter(text: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected NAME=VALUE.");
  return { ...known, [text.slice(0, at)]: text.slice(at + 1) };
}

export const withWhere = (command: Command): Command =>
  command
    .option(...urlOption)
    .option(...keyOption)
    .option("--json", "one JSON object a line");

/** Options of what is asked of an action. */
export const withAsk = (command: Command): Command =>
  withWhere(command)
    .option("--type <type>", "kind of target, such as ip, user or host")
    .option("--param <name=value>", "a parameter of the action; repeat for more", parameter, {})
    .option("--ttl <time>", "how long it lasts, such as 30m, 4h or 7d", seconds);

/** What is asked, as the API takes it. */
export const askOf = (target: string, { type, param, ttl }: Asked) => ({
  target: { value: target, ...(type !== undefined && { type }) },
  parameters: param,
  ...(ttl !== undefined && { ttlSeconds: ttl }),
});

/** Path of an action: its id has a slash. */
export const pathOf = (action: string, what: string): string =>
  `actions/${encodeURIComponent(action)}/${what}`;
