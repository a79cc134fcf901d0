import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { messageOf, VedetteError } from "@vedette/sdk";
import { z } from "zod";
import type { Match } from "../detect/index.ts";

/** Text of the matches of one record, in characters; only a single larger match makes a larger record. */
const targetText = 512 * 1_024;
/** What a decoder takes, in bytes. A batch is smaller. */
const maxBytes = 80 * 1_024 * 1_024;
const version = 1;

/** A record of the topic: what one batch, or the alerts of one owner, is to one partition. */
export interface MatchRecord {
  readonly matches: readonly Match[];
  /** Partitions of the topic when it was placed. */
  readonly partitions: number;
}

const head = z.object({ v: z.int(), partitions: z.int().min(1), names: z.array(z.string()).max(100_000) });

/**
 * Makes the records of some matches of one partition, in their order. Lines of JSON, compressed with zstd: first the
 * names that the others point to, then `[routes, remember, ask, is alert, event]` a match.
 */
export function encodeMatches(matches: readonly Match[], partitions: number): Buffer[] {
  const records: Buffer[] = [];
  let names = new Map<string, number>();
  let lines: string[] = [];
  let size = 0;
  const close = (): void => {
    const first = JSON.stringify({ v: version, partitions, names: [...names.keys()] });
    records.push(compressed(`${first}\n${lines.join("\n")}`));
    names = new Map();
    lines = [];
    size = 0;
  };
  const places = (list: readonly string[]): number[] =>
    list.map((name) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      names.set(name, names.size);
      return names.size - 1;
    });
  for (const { event, isAlert, remember, ask, routes } of matches) {
    const text = JSON.stringify(event);
    if (lines.length > 0 && size + text.length > targetText) close();
    const numbers = [routes, places(remember), places(ask), isAlert ? 1 : 0].map((each) =>
      JSON.stringify(each),
    );
    lines.push(`[${numbers.join(",")},${text}]`);
    size += text.length;
  }
  if (lines.length > 0) close();
  return records;
}

const compressed = (text: string): Buffer =>
  zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });

/**
 * Reads a record. Throws `batch.newer_schema` for one of a newer Vedette and `batch.malformed` for anything else that
 * `encodeMatches` does not make.
 */
export function decodeMatches(value: Uint8Array): MatchRecord {
  try {
    const [first = "", ...lines] = zstdDecompressSync(value, { maxOutputLength: maxBytes })
      .toString()
      .split("\n");
    const { v, partitions, names } = head.parse(JSON.parse(first));
    if (v > version) throw newer(v);
    return { matches: lines.map((text) => matchOf(JSON.parse(text), names)), partitions };
  } catch (error) {
    if (error instanceof VedetteError) throw error;
    const message = `A record of matches cannot be read: ${messageOf(error)}.`;
    throw new VedetteError("batch.malformed", message, { verdict: "drop" }, { cause: error });
  }
}

/** By hand: there is one a line, and a schema takes longer than reading its JSON. */
function matchOf(line: unknown, names: readonly string[]): Match {
  if (!Array.isArray(line) || line.length !== 5) throw new RangeError("a line is no list of five");
  const [routes, remember, ask, isAlert, event] = line as unknown[];
  if (typeof event !== "object" || event === null || Array.isArray(event)) throw new RangeError("no event");
  const named = (places: unknown): string[] =>
    numbersOf(places).map((place) => {
      const name = names[place];
      if (name === undefined) throw new RangeError(`there is no name ${place}`);
      return name;
    });
  return {
    event,
    isAlert: isAlert === 1,
    remember: named(remember),
    ask: named(ask),
    routes: numbersOf(routes),
  };
}

function numbersOf(list: unknown): number[] {
  if (!Array.isArray(list) || !list.every((each) => Number.isInteger(each) && each >= 0))
    throw new RangeError("no list of whole numbers");
  return list as number[];
}

const newer = (v: number): VedetteError =>
  new VedetteError(
    "batch.newer_schema",
    `A record of matches has version ${v}, this collector knows ${version}. Update this collector.`,
    { verdict: "retry", afterMs: 10_000 },
  );
