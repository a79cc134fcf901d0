/** Numbers that are given, and bytes of a text that gets one: at most some megabytes. */
const mostTexts = 16_384;
const mostBytes = 256;

/** Texts that many rows have, each once, by number. Bounded: when all numbers are given, other texts have none. */
export class SharedTexts {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  /** The number of the UTF-8 from `from` up to, not including, `to`; -1 where it has none. */
  numberOf(bytes: Buffer, from: number, to: number): number {
    if (to - from > mostBytes) return -1;
    const text = bytes.toString("utf8", from, to);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length === mostTexts) return -1;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  text(number: number): string {
    return this.#texts[number]!;
  }
}
