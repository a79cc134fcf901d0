import { isAscii, isUtf8 } from "node:buffer";
import { type Lines, rowWords } from "@vedette/core/kernels";

/** Node's own slicing calls, twice as fast as `toString` with a range; they are missing from its types. */
type Sliced = Buffer & {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
};

const newline = 10;
const carriageReturn = 13;

/** Takes a line. `start` is its first byte, `end` the offset just past its newline. */
export type EmitLine = (start: number, end: number, raw: string, flaw?: string) => void | Promise<void>;

/** Lines as they lie in the buffer they were read into, without flaws: valid until the promise of their taker resolves. */
export interface LineChunk {
  /** Their split. Its rows count from `base`. */
  readonly lines: Lines;
  /** Rows to take: those from 0 up to, not including, this one. At least one. */
  readonly count: number;
  /** Offset in the file of the place where the split began. */
  readonly base: number;
  /** True where all bytes are ASCII; else they are UTF-8. */
  readonly ascii: boolean;
}

/** Takes many lines at once. */
export type EmitLines = (chunk: LineChunk) => void | Promise<void>;

/** A read is longer by this part than the lines need that it is to hold: lines are not all as long as those before. */
const spare = 1 / 32;

export const replacedFlaw = "Bytes that are not UTF-8 were replaced.";

/**
 * Cuts the bytes of one file into lines. Holds no bytes but those of a line longer than a read: everything
 * behind the last newline is read again with the next turn, so an idle file costs no memory.
 */
export class LineCutter {
  readonly #maxBytes: number;
  readonly #emit: EmitLine;
  readonly #emitLines: EmitLines | undefined;
  /** The beginning of a line that did not fit a read. */
  #long: Buffer | undefined;
  /** Bytes of that line so far, those that were not kept included. */
  #longBytes = 0;
  #lineStart: number;
  #readAt: number;
  /** Bytes of a split that was full; 0 where the last read had none. */
  #splitBytes = 0;

  /** With `emitLines`, reads into the buffer of a kernel are handed on without making a text of each line. */
  constructor(offset: number, maxBytes: number, emit: EmitLine, emitLines?: EmitLines) {
    this.#emitLines = emitLines;
    this.#lineStart = offset;
    this.#readAt = offset;
    this.#maxBytes = maxBytes;
    this.#emit = emit;
  }

  /** Start of the first line that was not handed on yet: the place to resume. */
  get lineStart(): number {
    return this.#lineStart;
  }

  /** Where the next read begins. */
  get readAt(): number {
    return this.#readAt;
  }

  /**
   * How many bytes the next read is to have, of `most`: as many as make whole splits, going by the last ones. The few lines that would
   * be left over cost their batch as much as a whole split.
   */
  wanted(most: number): number {
    const bytes = Math.ceil(this.#splitBytes * (1 + spare));
    return bytes === 0 || bytes > most ? most : most - (most % bytes);
  }

  /**
   * Cuts a read that began at `readAt`. `full` says that more bytes follow at once. `kernel` is given where the view lies in
   * its buffer.
   */
  async take(view: Buffer, full: boolean, kernel?: Lines): Promise<void> {
    const base = this.#readAt;
    let from = 0;
    if (this.#long) {
      const end = view.indexOf(newline);
      this.#keep(end < 0 ? view : view.subarray(0, end));
      if (end < 0) {
        this.#readAt += view.length;
        return;
      }
      from = end + 1;
      await this.#emitLong(base + from, true);
    }
    const last = view.lastIndexOf(newline);
    if (last >= from) {
      const lines = view.subarray(from, last + 1);
      if (kernel && this.#emitLines) await this.#many(this.#emitLines, kernel, lines, base + from, full);
      else {
        const ascii = isAscii(lines);
        await this.#each(lines, base + from, ascii, ascii || isUtf8(lines));
      }
      from = last + 1;
    }
    this.#readAt = this.#lineStart;
    if (from > 0 || !full) return;
    // Nothing but the inside of one line. Zeros at its start are the hole that a truncated file leaves.
    const zeros = skipNulls(view, 0, view.length);
    this.#lineStart += zeros;
    if (zeros < view.length) this.#keep(view.subarray(zeros));
    this.#readAt = base + view.length;
  }

  /** Hands on what follows the last newline: the file will not grow any more. */
  async finish(view: Buffer): Promise<void> {
    const base = this.#readAt;
    const end = base + view.length;
    if (this.#long) {
      this.#keep(view);
      await this.#emitLong(end, false);
    } else {
      const start = skipNulls(view, 0, view.length);
      if (start < view.length) await this.#line(view, start, view.length, base, end, false, isUtf8(view));
    }
    this.#lineStart = end;
    this.#readAt = end;
  }

  /** Hands on whole lines one by one. */
  async #each(lines: Buffer, base: number, ascii: boolean, sound: boolean): Promise<void> {
    for (let from = 0, end: number; from < lines.length; from = end + 1) {
      end = lines.indexOf(newline, from);
      const start = skipNulls(lines, from, end);
      let stop = end;
      if (stop > start && lines[stop - 1] === carriageReturn) stop--;
      if (stop > start) {
        const wait = this.#line(lines, start, stop, base + from, base + end + 1, ascii, sound);
        if (wait) await wait;
      }
      this.#lineStart = base + end + 1;
    }
  }

  /**
   * Hands on whole lines as they lie in the kernel's buffer; those that must be cut, or are not UTF-8, one by one. Where more follow, lines
   * that fill no split are left to the next read, if any split was full.
   */
  async #many(
    emitLines: EmitLines,
    lines: Lines,
    bytes: Buffer,
    start: number,
    more: boolean,
  ): Promise<void> {
    const first = bytes.byteOffset - lines.buffer.byteOffset;
    const isLong = (row: number): boolean =>
      lines.rows[row * rowWords + 2]! - lines.rows[row * rowWords + 1]! > this.#maxBytes;
    let fullSplits = 0;
    let fullBytes = 0;
    for (let from = 0; from < bytes.length; ) {
      const split = lines.split(first + from, first + bytes.length);
      const { ascii } = lines;
      const isFull = from + lines.consumed < bytes.length;
      if (more && !isFull && fullSplits > 0) break;
      if (isFull) {
        fullSplits++;
        fullBytes += lines.consumed;
      }
      const base = start + from;
      const looked = bytes.subarray(from, from + lines.consumed);
      if (!ascii && !isUtf8(looked)) {
        await this.#each(looked, base, false, false);
        from += looked.length;
        continue;
      }
      let count = lines.longest > this.#maxBytes ? 0 : split;
      while (count < split && !isLong(count)) count++;
      if (count > 0) {
        // Read before the await: the rows are the taker's to change.
        const end = lines.rows[count * rowWords - 1]!;
        const consumed = count === split ? lines.consumed : end;
        const wait = emitLines({ lines, count, base, ascii });
        if (wait) await wait;
        from += consumed;
      } else if (split > 0) {
        const [at, text, textEnd, end] = lines.rows;
        const line = bytes.subarray(from + text!, from + textEnd!);
        const wait = this.#cut(line, base + at!, base + end!);
        if (wait) await wait;
        from += end!;
      } else from += lines.consumed;
      this.#lineStart = start + from;
    }
    this.#splitBytes = fullSplits > 0 ? fullBytes / fullSplits : 0;
  }

  #line(
    bytes: Buffer,
    from: number,
    to: number,
    start: number,
    end: number,
    ascii: boolean,
    sound: boolean,
  ): void | Promise<void> {
    if (to - from > this.#maxBytes) return this.#cut(bytes.subarray(from, to), start, end);
    if (ascii) return this.#emit(start, end, (bytes as Sliced).latin1Slice(from, to));
    const raw = (bytes as Sliced).utf8Slice(from, to);
    if (sound || isUtf8(bytes.subarray(from, to))) return this.#emit(start, end, raw);
    return this.#emit(start, end, raw, replacedFlaw);
  }

  #cut(bytes: Buffer, start: number, end: number): void | Promise<void> {
    const kept = characterBoundary(bytes, this.#maxBytes);
    return this.#emit(
      start,
      end,
      (bytes as Sliced).utf8Slice(0, kept),
      `The line was cut at ${this.#maxBytes} bytes.`,
    );
  }

  #keep(bytes: Buffer): void {
    this.#longBytes += bytes.length;
    const kept = this.#long ?? Buffer.alloc(0);
    // One byte more than the limit, so that a line that is cut is longer than one that just fits.
    const room = this.#maxBytes + 1 - kept.length;
    this.#long = room > 0 ? Buffer.concat([kept, bytes.subarray(0, room)]) : kept;
  }

  async #emitLong(end: number, hasNewline: boolean): Promise<void> {
    const bytes = this.#long!;
    const whole = this.#longBytes === bytes.length;
    this.#long = undefined;
    this.#longBytes = 0;
    const stop = hasNewline && whole && bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    if (stop > 0) await this.#line(bytes, 0, stop, this.#lineStart, end, false, false);
    this.#lineStart = end;
    this.#readAt = end;
  }
}

/** Zeros before a line are a hole in the file, not part of the line. */
function skipNulls(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === 0) at++;
  return at;
}

/** The last place at or before `limit` that does not split a UTF-8 character. */
function characterBoundary(bytes: Buffer, limit: number): number {
  let at = limit;
  for (let back = 0; back < 3 && at > 0 && (bytes[at]! & 0xc0) === 0x80; back++) at--;
  return at;
}
