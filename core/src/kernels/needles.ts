import { type Automaton, automatonSteps, whole } from "./automaton.ts";
import type { Haystack } from "./haystack.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import { JsScanner, type Scanner } from "./scanner.ts";
import { WasmScanner } from "./scanner-wasm.ts";

/** A text that is looked for in others. */
export interface Needle {
  readonly text: string;
  /** Where it must stand. */
  readonly anchor: "anywhere" | "start" | "end" | "whole";
  /** Whether ASCII letters of either case are equal. */
  readonly fold: boolean;
}

/** Looks for many needles in many values, in one pass over their bytes. */
export interface NeedleSearch {
  /**
   * Calls `found` for each needle and value that holds it, by their numbers, in no order and perhaps more than once. The
   * same as looking into the values as strings.
   */
  run(values: Haystack, found: (needle: number, value: number) => void): void;
}

/**
 * Whether a search in bytes finds a text exactly where a search in strings does. The replacement character also stands for
 * bytes that are not UTF-8, and half a pair may be found within a pair.
 */
export const isSearchable = (text: string): boolean =>
  text !== "" && text.isWellFormed() && !text.includes("\ufffd");

/** Prepares a search. `isSearchable` must hold for each needle. Tables take `tableBytes` each. */
export const needleSearch = (needles: readonly Needle[], kernels = true, tableBytes?: number): NeedleSearch =>
  whole(needleSearchSteps(needles, kernels, tableBytes));

/** The same in steps of some milliseconds: tables of tens of thousands of needles take half a second. */
export function* needleSearchSteps(
  needles: readonly Needle[],
  kernels = true,
  tableBytes?: number,
): Generator<void, NeedleSearch> {
  const bytes = needles.map(({ text }) => Buffer.from(text));
  yield;
  const pieces = piecesOf(bytes);
  const automatons = yield* automatonSteps(
    pieces.map((piece) => piece.bytes),
    tableBytes,
  );
  const tables: Table[] = [];
  for (const automaton of automatons) {
    const scanner = (kernels ? WasmScanner.open(automaton) : undefined) ?? new JsScanner(automaton);
    tables.push({ automaton, scanner });
    yield;
  }
  return new Search(needles, bytes, pieces, tables);
}

interface Table {
  readonly automaton: Automaton;
  readonly scanner: Scanner;
}

const folded = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

class Search implements NeedleSearch {
  readonly #needles: readonly Needle[];
  readonly #bytes: readonly Uint8Array[];
  readonly #pieces: readonly Piece[];
  readonly #tables: readonly Table[];

  constructor(
    needles: readonly Needle[],
    bytes: readonly Uint8Array[],
    pieces: readonly Piece[],
    tables: readonly Table[],
  ) {
    this.#needles = needles;
    this.#bytes = bytes;
    this.#pieces = pieces;
    this.#tables = tables;
  }

  run({ bytes, bounds, count }: Haystack, found: (needle: number, value: number) => void): void {
    for (const { automaton, scanner } of this.#tables) {
      const { firstHit, width, hits } = automaton;
      scanner.scan(bytes, bounds, count, (value, end, state) => {
        for (const needle of hits[(state - firstHit) / width]!) {
          if (this.#holds(needle, bytes, bounds, value, end)) found(needle, value);
        }
      });
    }
  }

  /** Whether a needle, of which a piece was found but for its case up to `pieceEnd`, is there with the right case and place. */
  #holds(needle: number, bytes: Uint8Array, bounds: Uint32Array, value: number, pieceEnd: number): boolean {
    const { anchor, fold } = this.#needles[needle]!;
    const { behind, bytes: piece } = this.#pieces[needle]!;
    const wanted = this.#bytes[needle]!;
    const end = pieceEnd + behind;
    const start = end - wanted.length;
    const first = bounds[value * 2]!;
    const last = bounds[value * 2 + 1]!;
    if (start < first || end > last) return false;
    if ((anchor === "start" || anchor === "whole") && start !== first) return false;
    if ((anchor === "end" || anchor === "whole") && end !== last) return false;
    if (fold) {
      if (piece.length === wanted.length) return true;
      for (let i = 0; i < wanted.length; i++) {
        if (folded(bytes[start + i]!) !== folded(wanted[i]!)) return false;
      }
      return true;
    }
    for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
    return true;
  }
}
