import { type LoadedKernel, loadKernel } from "./load.ts";

/** An automaton that is made while it runs, as tables. */
export interface CutAutomaton {
  /** Grows whenever the tables change. */
  readonly version: number;
  /** By state × 128 + byte: the next state × 2, and 1 more where a match ends there; 0 is dead, 1 is not known yet. */
  readonly next: Uint16Array;
  /** By state: 1 where a match ends at the end of the text. */
  readonly endings: Uint8Array;
  readonly start: number;
}

/** How a part of a line is found, as `ScanPart` has it; `keep`: where it begins and ends is wanted. */
export type CutPart = { readonly keep: boolean } & (
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "until"; readonly stop: string | undefined }
  | {
      readonly kind: "last";
      readonly text: string;
      readonly stop: string | undefined;
      readonly bare: string | undefined;
    }
  | { readonly kind: "quoted"; readonly quote: string; readonly spaced: boolean }
  /** `has`: by byte, 1 where it is in the set. */
  | { readonly kind: "run"; readonly has: Uint8Array; readonly min: number; readonly max: number }
  | { readonly kind: "automaton"; readonly automaton: CutAutomaton }
);

interface Exports {
  cut(
    begin: number,
    rows: number,
    count: number,
    program: number,
    parts: number,
    out: number,
    words: number,
  ): void;
}

const partWords = 8;
const slack = 64;
/** States of an automaton, and the bytes of its tables. */
const mostStates = 256;
const tableBytes = mostStates * 128 * 2;
const mostParts = 64;
const mostRows = 4_096;
const mostBytes = 1 << 20;
/** Texts and sets of a program. */
const wordsBytes = 32 << 10;
const none = 256;

const programAt = 1_024;
const wordsAt = programAt + mostParts * partWords * 4;
const rowsAt = wordsAt + wordsBytes;
const bytesAt = rowsAt + mostRows * 16;
const tablesAt = bytesAt + mostBytes + slack;

const code = (char: string | undefined): number => char?.charCodeAt(0) ?? none;

/** Cuts many ASCII lines in one call, by WebAssembly. */
export class CutKernel {
  /** Words of a line's result: how it went, then two for each part that is kept. */
  readonly words: number;
  /** Of the last `cut`: see `assembly/cut.ts`. */
  readonly results: Uint32Array;
  readonly #loaded: LoadedKernel<Exports>;
  readonly #parts: number;
  readonly #tables: { readonly automaton: CutAutomaton; readonly at: number; version: number }[] = [];
  readonly #outAt: number;

  /** Undefined where WebAssembly is not to be had, or the program is too large. */
  static open(parts: readonly CutPart[]): CutKernel | undefined {
    const automata = parts.filter(({ kind }) => kind === "automaton").length;
    const words = 1 + parts.filter(({ keep }) => keep).length * 2;
    const outAt = tablesAt + automata * (tableBytes + mostStates);
    if (parts.length > mostParts || textBytes(parts) > wordsBytes) return undefined;
    const loaded = loadKernel<Exports>("cut", outAt + mostRows * words * 4 + slack);
    return loaded && new CutKernel(loaded, parts, words, outAt);
  }

  private constructor(
    loaded: LoadedKernel<Exports>,
    parts: readonly CutPart[],
    words: number,
    outAt: number,
  ) {
    const { memory } = loaded;
    this.#loaded = loaded;
    this.#parts = parts.length;
    this.#outAt = outAt;
    this.words = words;
    this.results = new Uint32Array(memory, outAt, mostRows * words);
    const all = new Uint8Array(memory);
    let free = wordsAt;
    const put = (bytes: Uint8Array): number => {
      all.set(bytes, free);
      free += bytes.length;
      return free - bytes.length;
    };
    const text = (word: string | undefined): [number, number] =>
      word === undefined ? [0, 0] : [put(Buffer.from(word, "latin1")), word.length];
    for (const [index, part] of parts.entries()) {
      const own = ((): readonly number[] => {
        switch (part.kind) {
          case "literal":
            return [1, ...text(part.text)];
          case "until":
            return [2, code(part.stop)];
          case "last":
            return [3, ...text(part.text), code(part.stop), ...text(part.bare)];
          case "quoted":
            return [4, code(part.quote), part.spaced ? 1 : 0];
          case "run":
            return [5, put(part.has), Math.max(1, part.min), Math.min(part.max, 0xffff_ffff)];
          case "automaton": {
            const at = tablesAt + this.#tables.length * (tableBytes + mostStates);
            this.#tables.push({ automaton: part.automaton, at, version: -1 });
            return [6, at, part.automaton.start, at + tableBytes];
          }
        }
      })();
      const [kind = 0, ...rest] = own;
      const to = new Uint32Array(memory, programAt + index * partWords * 4, partWords);
      to.set([kind, part.keep ? 1 : 0, ...rest]);
    }
  }

  /**
   * Cuts `count` lines from `first` on: rows of `Lines`, which count from the beginning of `bytes`. All of it must be ASCII.
   * False where it is too much.
   */
  cut(bytes: Uint8Array, rows: Uint32Array, first: number, count: number): boolean {
    const from = rows[first * 4 + 1]!;
    const to = rows[(first + count) * 4 - 2]!;
    if (count > mostRows || to - from > mostBytes) return false;
    const { exports: kernel, memory } = this.#loaded;
    for (const table of this.#tables) {
      const { automaton, at, version } = table;
      if (automaton.version === version) continue;
      new Uint16Array(memory, at, automaton.next.length).set(automaton.next);
      new Uint8Array(memory, at + tableBytes, mostStates).set(automaton.endings);
      table.version = automaton.version;
    }
    new Uint8Array(memory, bytesAt, to - from).set(bytes.subarray(from, to));
    new Uint32Array(memory, rowsAt, count * 4).set(rows.subarray(first * 4, (first + count) * 4));
    // Places count from where the bytes would begin if all of them were there.
    kernel.cut((bytesAt - from) | 0, rowsAt, count, programAt, this.#parts, this.#outAt, this.words);
    return true;
  }
}

const textBytes = (parts: readonly CutPart[]): number =>
  parts.reduce((sum, part) => {
    if (part.kind === "run") return sum + part.has.length;
    const { text = "", bare = "" } = part as { text?: string; bare?: string | undefined };
    return sum + text.length + bare.length;
  }, 0);
