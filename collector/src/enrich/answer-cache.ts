import { Dictionary } from "@vedette/core/batch";

/** Longer values are asked for each time: no address or name of a host is as long. */
const maxValueBytes = 256;
/** Bound of the bytes of all values. */
const maxBytes = 4 << 20;

/**
 * Answers by the bytes of the value that was asked for, so that no text is made to find one. When it is full it begins anew: what
 * is still asked for costs one more look-up in so many values.
 */
export class AnswerCache<T> {
  readonly #limit: number;
  #values = new Dictionary();
  /** By the number of a value; undefined of values that were asked for and got no answer. */
  #answers: (T | undefined)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The answer for the value from `from` up to `to`, if there was one. */
  get(bytes: Uint8Array, from: number, to: number): T | undefined {
    return to - from > maxValueBytes ? undefined : this.#answers[this.#keyOf(bytes, from, to)];
  }

  set(bytes: Uint8Array, from: number, to: number, answer: T): void {
    if (to - from <= maxValueBytes) this.#answers[this.#keyOf(bytes, from, to)] = answer;
  }

  /** Forgets all answers. */
  clear(): void {
    this.#values.release();
    this.#values = new Dictionary();
    this.#answers = [];
  }

  #keyOf(bytes: Uint8Array, from: number, to: number): number {
    // The empty value counts, and is never asked for.
    if (this.#values.size > this.#limit || this.#values.bytes > maxBytes || this.#values.crowded)
      this.clear();
    const key = this.#values.keyOf(bytes, from, to);
    while (this.#answers.length <= key) this.#answers.push(undefined);
    return key;
  }
}
