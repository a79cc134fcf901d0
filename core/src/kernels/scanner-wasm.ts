import type { Automaton } from "./automaton.ts";
import { eachStretch } from "./haystack.ts";
import { type ExportedNumber, loadKernel } from "./load.ts";
import { type Found, JsScanner, type Scanner } from "./scanner.ts";

/** The exports of `assembly/needles.ts`; places are offsets in its memory. */
interface Exports {
  readonly value: ExportedNumber & { value: number };
  readonly place: ExportedNumber & { value: number };
  readonly state: ExportedNumber & { value: number };
  scan(
    begin: number,
    bounds: number,
    count: number,
    next: number,
    symbols: number,
    firstHit: number,
    out: number,
    room: number,
  ): number;
}

const symbolsAt = 1_024;
const boundsAt = symbolsAt + 256;
/** Values and bytes that are looked at together: small enough to stay in a core's cache beside the table. */
const valuesAtOnce = 4_096;
const bytesAtOnce = 128 << 10;
const hitsAtOnce = 1_024;
const hitsAt = boundsAt + valuesAtOnce * 8;
const bytesAt = hitsAt + hitsAtOnce * 12;
const nextAt = bytesAt + bytesAtOnce;

/** An automaton by WebAssembly. */
export class WasmScanner implements Scanner {
  readonly #kernel: Exports;
  readonly #firstHit: number;
  readonly #bounds: Uint32Array;
  readonly #hits: Uint32Array;
  readonly #bytes: Uint8Array;
  /** For values that are longer than the place for many. */
  readonly #plain: JsScanner;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(automaton: Automaton): WasmScanner | undefined {
    const loaded = loadKernel<Exports>("needles", nextAt + automaton.next.length * 4);
    return loaded && new WasmScanner(loaded.exports, loaded.memory, automaton);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer, automaton: Automaton) {
    this.#kernel = kernel;
    this.#plain = new JsScanner(automaton);
    this.#firstHit = automaton.firstHit * 4;
    new Uint8Array(memory, symbolsAt, 256).set(automaton.symbols);
    // The kernel's states are offsets in bytes, which saves it a shift for every byte.
    const { next } = automaton;
    const places = new Uint32Array(memory, nextAt, next.length);
    for (let at = 0; at < next.length; at++) places[at] = next[at]! * 4;
    this.#bounds = new Uint32Array(memory, boundsAt, valuesAtOnce * 2);
    this.#hits = new Uint32Array(memory, hitsAt, hitsAtOnce * 3);
    this.#bytes = new Uint8Array(memory, bytesAt, bytesAtOnce);
  }

  scan(bytes: Uint8Array, bounds: Uint32Array, count: number, found: Found): void {
    eachStretch({ bytes, bounds, count }, valuesAtOnce, bytesAtOnce, (from, to, long) => {
      if (long) this.#plain.scanOne(bytes, bounds, from, found);
      else this.#piece(bytes, bounds, from, to, found);
      return true;
    });
  }

  #piece(bytes: Uint8Array, bounds: Uint32Array, from: number, to: number, found: Found): void {
    const start = bounds[from * 2]!;
    this.#bytes.set(bytes.subarray(start, bounds[to * 2 - 1]));
    this.#bounds.set(bounds.subarray(from * 2, to * 2));
    const { value, place, state } = this.#kernel;
    value.value = place.value = state.value = 0;
    let hits: number;
    do {
      hits = this.#kernel.scan(
        // Places stay those in the column; in the memory of 32 bits the sum comes out right.
        (bytesAt - start) | 0,
        boundsAt,
        to - from,
        nextAt,
        symbolsAt,
        this.#firstHit,
        hitsAt,
        hitsAtOnce,
      );
      for (let i = 0; i < hits; i++) {
        found(from + this.#hits[i * 3]!, this.#hits[i * 3 + 1]!, this.#hits[i * 3 + 2]! / 4);
      }
    } while (hits === hitsAtOnce);
  }
}
