import { setImmediate as breathe } from "node:timers/promises";
import { parseAddress } from "./address.ts";
import { type AsnColumns, AsnTable } from "./asn-table.ts";

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;

/** Lines between two pauses, so that building the table never holds the event loop for long. */
const LINES_PER_SLICE = 20_000;
const MAX_LINES = 5_000_000;

/** A column that grows by doubling. */
class Words {
  #words = new Uint32Array(1 << 16);
  length = 0;
  push(value: number): void {
    if (this.length === this.#words.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.length++] = value;
  }
  done(): Uint32Array {
    return this.#words.slice(0, this.length);
  }
}

/** Collects organisations, one entry for each autonomous system. */
class Owners {
  readonly #byAsn = new Map<number, number>();
  readonly #asns = new Words();
  readonly #offsets = new Words();
  readonly #names: Buffer[] = [];
  #bytes = 0;

  /** The entry of a system; `name` is read only the first time it is seen. */
  of(asn: number, name: () => Buffer): number {
    const known = this.#byAsn.get(asn);
    if (known !== undefined) return known;
    const owner = this.#asns.length;
    this.#byAsn.set(asn, owner);
    this.#asns.push(asn);
    this.#offsets.push(this.#bytes);
    const bytes = name();
    this.#names.push(bytes);
    this.#bytes += bytes.length;
    return owner;
  }

  done(): Pick<AsnColumns, "asns" | "nameOffsets" | "names"> {
    this.#offsets.push(this.#bytes);
    return { asns: this.#asns.done(), nameOffsets: this.#offsets.done(), names: Buffer.concat(this.#names) };
  }
}

/** Reads a decimal number that ends at `end`. Gives -1 when it is not one of 32 bits. */
function decimal(text: Buffer, from: number, end: number): number {
  if (end <= from || end - from > 10) return -1;
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = (text[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= 0xffff_ffff ? value : -1;
}

/** The last field of a line: plain, or quoted with doubled quotes inside (RFC 4180). */
function nameField(text: Buffer, from: number, end: number): Buffer {
  if (text[from] !== QUOTE) return Buffer.from(text.subarray(from, end));
  const inner = text.toString("utf8", from + 1, Math.max(from + 1, end - 1));
  return Buffer.from(inner.replaceAll('""', '"'), "utf8");
}

/** Called for each line with the places of its first three commas and its end. False when the line is no good. */
type TakeLine = (
  text: Buffer,
  from: number,
  commas: readonly [number, number, number],
  end: number,
) => boolean;

async function eachLine(text: Buffer, signal: AbortSignal, take: TakeLine): Promise<number> {
  let skipped = 0;
  let lines = 0;
  for (let from = 0; from < text.length; ) {
    let end = text.indexOf(NEWLINE, from);
    if (end < 0) end = text.length;
    const next = end + 1;
    if (end > from && text[end - 1] === CARRIAGE_RETURN) end--;
    const first = text.indexOf(COMMA, from);
    const second = text.indexOf(COMMA, first + 1);
    const third = text.indexOf(COMMA, second + 1);
    const whole = first > 0 && second > 0 && third > 0 && third < end;
    if (end > from && !(whole && take(text, from, [first, second, third], end))) skipped++;
    from = next;
    if (++lines > MAX_LINES) break;
    if (lines % LINES_PER_SLICE === 0) {
      await breathe();
      signal.throwIfAborted();
    }
  }
  return skipped;
}

/** What was read, and how many lines were not usable (malformed, or out of order). */
export interface BuiltTable {
  readonly table: AsnTable;
  readonly skipped: number;
}

/**
 * Builds the table from two CSV texts `start,end,asn,organisation` with inclusive ranges sorted by start:
 * IPv4 with numeric addresses, IPv6 with textual ones, the form of the ip-location-db packages.
 */
export async function buildAsnTable(v4: Buffer, v6: Buffer, signal: AbortSignal): Promise<BuiltTable> {
  const owners = new Owners();
  const [v4Starts, v4Ends, v4Owners] = [new Words(), new Words(), new Words()];
  const [v6Starts, v6Ends, v6Owners] = [new Words(), new Words(), new Words()];
  let last = -1;
  const takeV4: TakeLine = (text, from, [first, second, third], end) => {
    const start = decimal(text, from, first);
    const stop = decimal(text, first + 1, second);
    const asn = decimal(text, second + 1, third);
    // A range that begins inside the one before would break the binary search.
    if (start <= last || stop < start || asn < 0) return false;
    last = stop;
    v4Starts.push(start);
    v4Ends.push(stop);
    v4Owners.push(owners.of(asn, () => nameField(text, third + 1, end)));
    return true;
  };
  let before: readonly number[] = [];
  const takeV6: TakeLine = (text, from, [first, second, third], end) => {
    const start = parseAddress(text.toString("latin1", from, first))?.words;
    const stop = parseAddress(text.toString("latin1", first + 1, second))?.words;
    const asn = decimal(text, second + 1, third);
    if (!start || !stop || asn < 0 || compare(start, before) <= 0 || compare(stop, start) < 0) return false;
    before = stop;
    for (const word of start) v6Starts.push(word);
    for (const word of stop) v6Ends.push(word);
    v6Owners.push(owners.of(asn, () => nameField(text, third + 1, end)));
    return true;
  };
  const skipped = (await eachLine(v4, signal, takeV4)) + (await eachLine(v6, signal, takeV6));
  const table = new AsnTable({
    v4Starts: v4Starts.done(),
    v4Ends: v4Ends.done(),
    v4Owners: v4Owners.done(),
    v6Starts: v6Starts.done(),
    v6Ends: v6Ends.done(),
    v6Owners: v6Owners.done(),
    ...owners.done(),
  });
  return { table, skipped };
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [at, word] of left.entries()) {
    const difference = word - (right[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
