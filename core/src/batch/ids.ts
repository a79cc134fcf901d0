import { type Lines, rowWords } from "../kernels/index.ts";
import { type PackedColumn, packSized } from "./blocks.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import type { LineTexts } from "./read-slices.ts";

/**
 * Ids of lines of files are not written one by one: each is the prefix of its file and the place where its line begins, and a line
 * begins behind the one before it, whose text is in the column `raw`. They are written in stretches, each behind an LEB128 number
 * that is twice its rows. Where it is even: bytes between the texts of its lines, 1 or 2; the prefix, 20 characters; the place of the
 * first line in 48 bits. Where it is odd, being one more: the ids themselves as ClickHouse Strings.
 */
const prefixLength = 20;
const idLength = 32;
/** Bytes of an id of a file with its length. */
export const fileIdBytes = idLength + 1;
const ofFile = /^[0-9a-f]{32}$/;
const digits = Buffer.from("0123456789abcdef", "latin1");

/** Lines of a split as rows of a batch. */
export interface LineRows {
  readonly lines: Lines;
  /** The row of the split that comes first. */
  readonly first: number;
  /** Where the split began in the file: the place of a line is this and its start. */
  readonly base: number;
  /** The first 20 characters of the ids of the file's lines; the place of the line makes the other 12. */
  readonly idPrefix: string;
}

/** Collects the column of ids. */
export class IdBuilder implements ColumnBuilder {
  readonly #stretches = new ByteWriter(1_024);
  #rows = 0;
  #bytes = 0;
  /** The stretch that lines may still be added to: its rows, 0 where there is none; its gap, 0 until that is known. */
  #count = 0;
  #gap = 0;
  #prefix = "";
  #from = 0;
  /** Where the text of its last line ended. */
  #end = 0;

  /** Bytes that the ids have as they are. */
  get size(): number {
    return this.#bytes;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    this.#skipTo(row);
    const id = value as string;
    if (!ofFile.test(id)) {
      this.#text(id);
      return;
    }
    this.#begin(id.slice(0, prefixLength), Number.parseInt(id.slice(prefixLength), 16));
    this.#count = 1;
    this.#rows++;
    this.#bytes += fileIdBytes;
    this.#close();
  }

  /** Adds the ids of lines, whose texts are the same rows of the column `raw`. With `dense` there is one byte between them. */
  lines(row: number, count: number, { lines, first, base, idPrefix }: LineRows, dense: boolean): void {
    this.#skipTo(row);
    const { rows } = lines;
    const last = (first + count - 1) * rowWords;
    for (let at = first * rowWords; at <= last; at += rowWords) {
      this.#line(base + rows[at]!, idPrefix);
      // What is dense goes on as its first line does, if nothing is between the place of that one and its text.
      if (dense && at < last && rows[at] === rows[at + 1] && this.#gap <= 1) {
        this.#gap = 1;
        this.#count += (last - at) / rowWords;
        at = last;
      }
      this.#end = base + rows[at]! + rows[at + 2]! - rows[at + 1]!;
    }
    this.#rows += count;
    this.#bytes += count * fileIdBytes;
  }

  /** Adds a line to the stretch, or begins one with it. */
  #line(start: number, prefix: string): void {
    const gap = start - this.#end;
    const isSame = this.#count > 0 && prefix === this.#prefix;
    if (isSame && this.#gap > 0 && gap === this.#gap) this.#count++;
    else if (isSame && this.#count === 1 && this.#gap === 0 && (gap === 1 || gap === 2)) {
      this.#gap = gap;
      this.#count = 2;
    } else {
      this.#begin(prefix, start);
      this.#count = 1;
    }
  }

  #begin(prefix: string, from: number): void {
    this.#close();
    this.#prefix = prefix;
    this.#from = from;
    this.#gap = 0;
  }

  #close(): void {
    if (this.#count === 0) return;
    const out = this.#stretches;
    out.varint(this.#count * 2);
    out.u8(this.#gap || 1);
    out.raw(Buffer.from(this.#prefix, "latin1"));
    out.u32(this.#from >>> 0);
    out.u16(Math.floor(this.#from / 0x1_0000_0000));
    this.#count = 0;
  }

  #text(id: string): void {
    this.#close();
    this.#stretches.varint(3);
    this.#stretches.text(id);
    this.#rows++;
    this.#bytes += Buffer.byteLength(id) + 1;
  }

  #skipTo(row: number): void {
    while (this.#rows < row) this.#text("");
  }

  pack(rows: number, out: ByteWriter): PackedColumn {
    this.#skipTo(rows);
    this.#close();
    packSized(this.#stretches.view(), out);
    return { encoding: "text", packing: "ids", bytes: this.#bytes };
  }
}

/**
 * Writes ids as a ClickHouse String column into `out`, which they fill. `lines` are the texts of the rows, where there are any. Throws a
 * RangeError on anything that does not fit.
 */
export function readIds(stretches: Buffer, rows: number, lines: LineTexts | undefined, out: Buffer): void {
  const reader = new ByteReader(stretches);
  let row = 0;
  let at = 0;
  const room = (bytes: number): void => {
    if (bytes > out.length - at) throw new RangeError("has more ids than its directory says");
  };
  while (reader.offset < reader.end) {
    const head = reader.varint();
    const count = Math.floor(head / 2);
    if (count === 0 || count > rows - row) throw new RangeError("has a stretch of a wrong size");
    if (head % 2 === 1) {
      for (let i = 0; i < count; i++) {
        const start = reader.offset;
        const size = reader.varint();
        reader.take(size);
        room(reader.offset - start);
        at += reader.bytes.copy(out, at, start, reader.offset);
      }
    } else {
      const gap = reader.u8();
      const prefix = reader.take(prefixLength);
      const place = reader.u32() + reader.take(2).readUInt16LE() * 0x1_0000_0000;
      if (count > 1 && !lines) throw new RangeError("has ids of texts that are not there");
      room(count * fileIdBytes);
      const to = out.subarray(at, at + count * fileIdBytes);
      if (!lines?.kernel?.ids(row, count, prefix, place, gap, to))
        putIds(to, prefix, place, gap, lines?.bounds.subarray(row * 2) ?? noBounds);
      at += to.length;
    }
    row += count;
  }
  if (row !== rows || at !== out.length) throw new RangeError(`has ids for ${row} rows of ${rows}`);
}

const noBounds = new Uint32Array(0);

/** Fills `out` with ids; `bounds` say where the texts of their rows begin and end. */
function putIds(out: Buffer, prefix: Buffer, first: number, gap: number, bounds: Uint32Array): void {
  let place = first;
  for (let at = 0, text = 0; at < out.length; at += fileIdBytes, text += 2) {
    out[at] = idLength;
    // A call costs more than so few bytes.
    for (let k = 0; k < prefixLength; k++) out[at + 1 + k] = prefix[k]!;
    putPlace(out, at + 1 + prefixLength, place);
    place += (bounds[text + 1] ?? 0) - (bounds[text] ?? 0) + gap;
  }
}

function putPlace(out: Buffer, at: number, place: number): void {
  let high = Math.floor(place / 0x100_0000);
  let low = place % 0x100_0000;
  for (let i = 5; i >= 0; i--, high >>>= 4, low >>>= 4) {
    out[at + i] = digits[high & 15]!;
    out[at + 6 + i] = digits[low & 15]!;
  }
}
