import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { freeBytes } from "@vedette/core/batch";
import { messageOf, VedetteError } from "@vedette/sdk";
import type { Match } from "../detect/index.ts";
import { eventLines, readLines } from "./event-lines.ts";
import { newer } from "./parts.ts";
import { readRows, rowRecords } from "./row-record.ts";

/** What a decoder takes, in bytes. A batch is smaller. */
const maxBytes = 80 * 1_024 * 1_024;
/** 1: lines of JSON. 2: rows of a batch as columns. Both begin with one line of JSON that has the version as `v`. */
const newest = 2;
const lineEnd = 10;

/** A record of the topic: what one batch, or the alerts of one owner, is to one partition. */
export interface MatchRecord {
  readonly matches: readonly Match[];
  /** Partitions of the topic when it was placed. */
  readonly partitions: number;
  /** Gives the record's memory back, at once. Call it, if at all, when nobody will look at its matches again. */
  free(): void;
}

/** Makes the records of some matches of one partition, in their order: compressed with zstd, about 512 KiB before. */
export function encodeMatches(matches: readonly Match[], partitions: number): Buffer[] {
  const records: Buffer[] = [];
  for (let from = 0; from < matches.length; ) {
    const { subject } = matches[from]!;
    const batch = subject.kind === "row" ? subject.batch : undefined;
    let to = from + 1;
    while (to < matches.length && batchOf(matches[to]!) === batch) to++;
    const some = matches.slice(from, to);
    const plain = batch ? rowRecords(batch, some, partitions) : eventLines(some, partitions);
    records.push(...plain.map(compressed));
    from = to;
  }
  return records;
}

const batchOf = ({ subject }: Match) => (subject.kind === "row" ? subject.batch : undefined);

const compressed = (plain: Buffer): Buffer =>
  zstdCompressSync(plain, {
    chunkSize: Math.max(1 << 14, plain.length >>> 2),
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });

/**
 * Reads a record. Throws `batch.newer_schema` for one of a newer Vedette and `batch.malformed` for anything else that
 * `encodeMatches` does not make.
 */
export function decodeMatches(value: Uint8Array): MatchRecord {
  try {
    const plain = zstdDecompressSync(value, { maxOutputLength: maxBytes, chunkSize: 1 << 20 });
    const end = plain.indexOf(lineEnd);
    const first: unknown = JSON.parse(plain.toString("utf8", 0, end < 0 ? plain.length : end));
    const rest = end < 0 ? plain.subarray(plain.length) : plain.subarray(end + 1);
    const version = (first as { v?: unknown } | null)?.v;
    if (typeof version === "number" && version > newest) throw newer(`version ${version}`, newest);
    const free = (): void => freeBytes(plain);
    if (version === 2) return { ...readRows(first, rest), free };
    const read = readLines(first, rest);
    free();
    return { ...read, free: () => {} };
  } catch (error) {
    if (error instanceof VedetteError && error.code === "batch.newer_schema") throw error;
    const message = `A record of matches cannot be read: ${messageOf(error)}.`;
    throw new VedetteError("batch.malformed", message, { verdict: "drop" }, { cause: error });
  }
}
