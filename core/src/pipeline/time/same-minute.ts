import { secondWritten } from "./format.ts";
import type { Moment } from "./moment.ts";
import { secondRead } from "./parse.ts";

/** A time, and what it became in another layout. */
export interface Rewritten {
  readonly text: string;
  readonly moment: Moment;
  readonly result: string;
}

/**
 * Writes a time in another layout that differs from one before in its second alone: of the logs of a busy source most do. What is read and
 * written beside it, a year that the text does not tell among it, is the same then.
 */
export class SameMinute {
  readonly #read: (text: string) => number;
  readonly #written: (moment: Moment) => number;
  #base: Rewritten | undefined;
  /** Where the second is in the text and in the result of the base; below 0 where it is not to be told, undefined until it is asked for. */
  #from: number | undefined;
  #to = -1;

  constructor(fromLayout: string, toLayout: string) {
    this.#read = secondRead(fromLayout);
    this.#written = secondWritten(toLayout);
  }

  /** Keeps a time for those behind it. */
  keep(base: Rewritten): void {
    this.#base = base;
    this.#from = undefined;
  }

  /** Undefined where the text is not of the minute that was kept, in the same words. */
  write(text: string): string | undefined {
    const base = this.#base;
    if (base?.text.length !== text.length) return undefined;
    if (this.#from === undefined) {
      this.#from = this.#read(base.text);
      this.#to = this.#from < 0 ? -1 : this.#written(base.moment);
    }
    const [from, to] = [this.#from, this.#to];
    if (to < 0) return undefined;
    const tens = text.charCodeAt(from) - 48;
    const ones = text.charCodeAt(from + 1) - 48;
    if (!(tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9)) return undefined;
    if (!text.startsWith(base.text.slice(0, from)) || !text.endsWith(base.text.slice(from + 2)))
      return undefined;
    return base.result.slice(0, to) + text.slice(from, from + 2) + base.result.slice(to + 2);
  }
}
