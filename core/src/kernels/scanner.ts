import type { Automaton } from "./automaton.ts";

/** Told where needles end: the number of the value, the place behind the last byte, the state there. */
export type Found = (value: number, end: number, state: number) => void;

/** Runs an automaton over many values. */
export interface Scanner {
  /** Value `i` is `bytes` from `bounds[2 * i]` to `bounds[2 * i + 1]`; the values lie one behind the other. */
  scan(bytes: Uint8Array, bounds: Uint32Array, count: number, found: Found): void;
}

/** The plain twin of `assembly/needles.ts`. */
export class JsScanner implements Scanner {
  readonly #automaton: Automaton;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
  }

  scan(bytes: Uint8Array, bounds: Uint32Array, count: number, found: Found): void {
    for (let value = 0; value < count; value++) this.scanOne(bytes, bounds, value, found);
  }

  scanOne(bytes: Uint8Array, bounds: Uint32Array, value: number, found: Found): void {
    const { next, symbols, firstHit } = this.#automaton;
    const end = bounds[value * 2 + 1]!;
    let state = 0;
    for (let at = bounds[value * 2]!; at < end; at++) {
      state = next[state + symbols[bytes[at]!]!]!;
      if (state >= firstHit) found(value, at + 1, state);
    }
  }
}
