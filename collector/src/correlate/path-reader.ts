import type { Texts } from "@vedette/core/batch";
import type { Columns } from "./columns.ts";
import type { Hash64 } from "./hash.ts";

/** What is known of a value of a dictionary. */
const unknown = 0;
const present = 1;
const empty = 2;

/** Reads the text of one path from batches as a hash, each value of a dictionary once. */
export class PathReader {
  readonly #path: string;
  #columns: Columns | undefined;
  #texts: Texts | "absent" | undefined;
  #known = new Uint8Array(64);
  #lows = new Int32Array(64);
  #highs = new Int32Array(64);

  constructor(path: string) {
    this.#path = path;
  }

  /** 1: `out` is its hash; 0: there is none; -1: the event must be asked. */
  read(columns: Columns, row: number, out: Hash64): number {
    if (columns !== this.#columns) this.#bind(columns);
    const texts = this.#texts;
    if (texts === "absent") return 0;
    if (texts === undefined) return -1;
    const { bytes, bounds, index } = texts;
    const value = index ? index[row]! : row;
    if (index) {
      const known = this.#known[value]!;
      if (known === present) {
        out.low = this.#lows[value]!;
        out.high = this.#highs[value]!;
        return 1;
      }
      if (known === empty) return -1;
    }
    const from = bounds[value * 2]!;
    const to = bounds[value * 2 + 1]!;
    if (index) this.#known[value] = from === to ? empty : present;
    // Of some columns an empty text is not told apart from none.
    if (from === to) return -1;
    out.ofBytes(bytes, from, to);
    if (index) {
      this.#lows[value] = out.low;
      this.#highs[value] = out.high;
    }
    return 1;
  }

  #bind(columns: Columns): void {
    const texts = columns.texts(this.#path);
    this.#columns = columns;
    this.#texts = texts;
    if (texts === undefined || texts === "absent" || !texts.index) return;
    const { count } = texts;
    if (count > this.#known.length) {
      const room = 2 ** Math.ceil(Math.log2(count));
      this.#known = new Uint8Array(room);
      this.#lows = new Int32Array(room);
      this.#highs = new Int32Array(room);
    } else this.#known.fill(unknown, 0, count);
  }

  /** Lets go of the batch that was read last. */
  leave(): void {
    this.#columns = undefined;
    this.#texts = undefined;
  }
}
