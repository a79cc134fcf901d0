import { type Automaton, buildAutomaton } from "./automaton.ts";
import type { Haystack } from "./haystack.ts";
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

/** Prepares a search; undefined where the needles are too many for it. `isSearchable` must hold for each. */
export function needleSearch(needles: readonly Needle[], kernels = true): NeedleSearch | undefined {
  const bytes = needles.map(({ text }) => Buffer.from(text));
  const automaton = buildAutomaton(bytes);
  if (!automaton) return undefined;
  const scanner = (kernels ? WasmScanner.open(automaton) : undefined) ?? new JsScanner(automaton);
  return new Search(needles, bytes, automaton, scanner);
}

class Search implements NeedleSearch {
  readonly #needles: readonly Needle[];
  readonly #bytes: readonly Uint8Array[];
  readonly #automaton: Automaton;
  readonly #scanner: Scanner;

  constructor(
    needles: readonly Needle[],
    bytes: readonly Uint8Array[],
    automaton: Automaton,
    scanner: Scanner,
  ) {
    this.#needles = needles;
    this.#bytes = bytes;
    this.#automaton = automaton;
    this.#scanner = scanner;
  }

  run({ bytes, bounds, count }: Haystack, found: (needle: number, value: number) => void): void {
    const { firstHit, width, hits } = this.#automaton;
    this.#scanner.scan(bytes, bounds, count, (value, end, state) => {
      for (const needle of hits[(state - firstHit) / width]!) {
        if (this.#holds(needle, bytes, bounds, value, end)) found(needle, value);
      }
    });
  }

  /** Whether a needle found but for its case, up to `end`, also has the right case and place. */
  #holds(needle: number, bytes: Uint8Array, bounds: Uint32Array, value: number, end: number): boolean {
    const { anchor, fold } = this.#needles[needle]!;
    const wanted = this.#bytes[needle]!;
    const start = end - wanted.length;
    if ((anchor === "start" || anchor === "whole") && start !== bounds[value * 2]) return false;
    if ((anchor === "end" || anchor === "whole") && end !== bounds[value * 2 + 1]) return false;
    if (fold) return true;
    for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
    return true;
  }
}
