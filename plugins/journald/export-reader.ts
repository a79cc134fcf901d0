import { type Text, textOf } from "@vedette/sdk";

/** One entry of a journal: its fields in their order; a field that occurs twice has two values. */
export interface Entry extends Pick<Text, "flaw" | "kind"> {
  readonly fields: ReadonlyMap<string, string | readonly string[]>;
}

const newline = 10;
const equals = 61;
/** A name in the journal has at most 64 bytes. */
const maxNameBytes = 64;
/** Fields of one entry that are kept; the rest is left out and the entry flagged. */
const maxFields = 1_024;

type Fields = Map<string, string | string[]>;

/**
 * Reads the Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS): `NAME=text`, or `NAME`, a little-endian 64-bit
 * length and bytes; an empty line ends an entry. Keeps at most `maxFieldBytes` of a value. Throws where the stream is
 * not in this format.
 */
export class ExportReader {
  readonly #maxFieldBytes: number;
  #fields: Fields = new Map();
  #count = 0;
  #flaw: Pick<Text, "flaw" | "kind"> | undefined;
  /** The line or binary value that is not complete, as far as it is kept. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #seenBytes = 0;
  /** The name of the binary value that is read. */
  #binary: string | undefined;
  #length: number | undefined;

  constructor(maxFieldBytes: number) {
    this.#maxFieldBytes = maxFieldBytes;
  }

  /** The entries that end in this chunk. */
  *take(chunk: Buffer): Generator<Entry> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#binary === undefined) {
        const end = chunk.indexOf(newline, at);
        this.#keep(chunk.subarray(at, end < 0 ? undefined : end));
        if (end < 0) return;
        at = end + 1;
        const entry = this.#line();
        if (entry) yield entry;
      } else if (this.#length === undefined) {
        const part = chunk.subarray(at, at + 8 - this.#keptBytes);
        this.#keep(part);
        at += part.length;
        if (this.#keptBytes === 8) this.#readLength();
      } else {
        // One byte more than the value: the newline behind it.
        const part = chunk.subarray(at, at + this.#length + 1 - this.#seenBytes);
        this.#keep(part);
        at += part.length;
        if (this.#seenBytes === this.#length + 1) this.#value(this.#binary, this.#length);
      }
    }
  }

  #keep(bytes: Buffer): void {
    this.#seenBytes += bytes.length;
    const room = this.#maxFieldBytes + maxNameBytes + 2 - this.#keptBytes;
    if (room <= 0 || bytes.length === 0) return;
    const part = Buffer.from(bytes.subarray(0, room));
    this.#kept.push(part);
    this.#keptBytes += part.length;
  }

  /** What was kept since the last call, and how many bytes there were. */
  #took(): { readonly bytes: Buffer; readonly seen: number } {
    const took = { bytes: Buffer.concat(this.#kept, this.#keptBytes), seen: this.#seenBytes };
    this.#kept = [];
    this.#keptBytes = 0;
    this.#seenBytes = 0;
    return took;
  }

  #line(): Entry | undefined {
    const { bytes, seen } = this.#took();
    if (seen === 0) return this.#finish();
    const split = bytes.indexOf(equals);
    if (split < 0 && seen > maxNameBytes) throw new RangeError("This is not the export format of a journal.");
    if (split < 0) this.#binary = bytes.toString("latin1");
    else this.#add(bytes.toString("latin1", 0, split), bytes.subarray(split + 1), seen - split - 1);
    return undefined;
  }

  #readLength(): void {
    const length = this.#took().bytes.readBigUInt64LE();
    if (length > 2n ** 40n) throw new RangeError("This is not the export format of a journal.");
    this.#length = Number(length);
  }

  #value(name: string, length: number): void {
    const { bytes } = this.#took();
    this.#binary = undefined;
    this.#length = undefined;
    this.#add(name, bytes.subarray(0, length), length);
  }

  #add(name: string, bytes: Buffer, seen: number): void {
    if (++this.#count > maxFields) {
      this.#flaw ??= { flaw: `The entry was cut at ${maxFields} fields.`, kind: "cut" };
      return;
    }
    const { raw, flaw, kind } = textOf(bytes, this.#maxFieldBytes, seen > bytes.length);
    if (flaw !== undefined) this.#flaw ??= { flaw, kind };
    const before = this.#fields.get(name);
    if (before === undefined) this.#fields.set(name, raw);
    else if (typeof before === "string") this.#fields.set(name, [before, raw]);
    else before.push(raw);
  }

  #finish(): Entry | undefined {
    if (this.#count === 0) return undefined;
    const entry = { fields: this.#fields, flaw: this.#flaw?.flaw, kind: this.#flaw?.kind };
    this.#fields = new Map();
    this.#count = 0;
    this.#flaw = undefined;
    return entry;
  }
}
