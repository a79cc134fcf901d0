import { type CutAutomaton, type CutPart, mostStates, partProgram, partWords } from "./cut-parts.ts";
import { type LoadedKernel, loadKernel } from "./load.ts";

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

const slack = 64;
/** Bytes of the table of an automaton. */
const tableBytes = mostStates * 128 * 2;
const mostParts = 64;
const mostRows = 4_096;
const mostBytes = 1 << 20;
/** Texts and sets of a program. */
const wordsBytes = 32 << 10;

const programAt = 1_024;
const wordsAt = programAt + mostParts * partWords * 4;
const rowsAt = wordsAt + wordsBytes;
const bytesAt = rowsAt + mostRows * 16;
const tablesAt = bytesAt + mostBytes + slack;

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
    const table = (automaton: CutAutomaton) => {
      const next = tablesAt + this.#tables.length * (tableBytes + mostStates);
      this.#tables.push({ automaton, at: next, version: -1 });
      return { next, endings: next + tableBytes };
    };
    for (const [index, part] of parts.entries()) {
      const to = new Uint32Array(memory, programAt + index * partWords * 4, partWords);
      to.set(partProgram(part, put, table));
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
