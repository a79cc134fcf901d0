import type { BlockSlot } from "../../../kernels/index.ts";
import type { Regex } from "../../regex/index.ts";
import { Unwritten, writeMatch } from "./cut/index.ts";
import { type BlockSpace, isAscii, rows } from "./space.ts";
import type { Work } from "./work.ts";

const mostWords = 64;
/** Words that are all compared where there are no more, and how long these may be. */
const mostFew = 3;
const mostShort = 8;
const exact = 0x8000_0000;
/** How many places of a text are looked at to tell words apart. */
const mostPlaces = 16;
/** Bytes of what is laid down by a byte of a text, and of what stands before all of that. */
const tableBytes = 256 * 8;
const headBytes = 32;
/** Of each word: its place, its length, and with a mask each its first eight bytes and the sixteen behind them. */
const wordBytes = 64;

/** Eight or sixteen bytes of a word from a place on, and a mask of those that it has. */
function bytesOf(word: string, from: number, size: number): Buffer {
  const own = word.slice(from, from + size);
  return Buffer.concat([
    Buffer.concat([Buffer.from(own, "latin1")], size),
    Buffer.concat([Buffer.alloc(own.length, 255)], size),
  ]);
}

/** A word that a text begins with or, where `whole`, is. */
interface Beginning {
  readonly word: string;
  readonly whole: boolean;
}

/** What is asked of texts: which words they hold one of, where a byte for each word lies, and the sixteens of these that are not 0. */
interface Asked {
  readonly wanted: ReadonlySet<Beginning>;
  at: number;
  first: number;
  last: number;
}

/** The function that looks for a word, and the mask of the rows with a text, of which it is asked. */
interface Single {
  readonly name: string;
  readonly picked: number;
}

/** An expression that matches a word at the beginning of a text. */
function wordRegex(word: string, whole: boolean): Regex {
  const items: Regex[] = Array.from(word, (char) => {
    const code = char.charCodeAt(0);
    return { kind: "set", set: [code, code] };
  });
  return { kind: "sequence", items: whole ? [...items, { kind: "assert", assert: "end" }] : items };
}

/** Words that the texts of a slot may begin with, or be, looked for together. */
export class Beginnings {
  readonly #space: BlockSpace;
  readonly #slot: BlockSlot;
  readonly #noted: number;
  /** Sorted by their length when they are laid down: the longest that a text begins with says which others it begins with. */
  readonly #words: Beginning[] = [];
  readonly #asked: Asked[] = [];
  #list = 0;
  #firsts = 0;
  /** Where there is one word. */
  #single: Single | undefined;
  /** A byte that is not 0 where the last block had rows whose value is no text. */
  readonly others: number;

  /** Puts the search behind what `space.work` has. Words may be added until the functions of the space are linked. */
  constructor(space: BlockSpace, slot: BlockSlot) {
    const { kernel } = space;
    const { kindsAt, valuesAt } = slot;
    this.#space = space;
    this.#slot = slot;
    this.#noted = kernel.mask();
    space.beforeLink(() => this.#lay());
    this.others = kernel.take(1);
    const words = [() => this.#list, () => this.#words.length, () => this.#firsts];
    const numbers = [kindsAt, valuesAt, this.#noted, rows, ...words] as const;
    const begins: Work = { note: this.others, of: { kernel: "begins", numbers } };
    space.work.push({ known: () => (this.#single ? [] : [begins]) });
  }

  /** True where so many words more have room. */
  hasRoom(words: number): boolean {
    return this.#words.length + words <= mostWords;
  }

  /** Adds words, of which one may be empty where `whole`; gives what puts a mask behind the work, of the rows that begin with one or, where `whole`, are one. */
  add(words: readonly string[], whole: boolean): (out: number) => void {
    const wanted = new Set<Beginning>();
    for (const word of words) {
      // A word that is not ASCII is in no text.
      if (!isAscii(word)) continue;
      const known = this.#words.find((one) => one.word === word && one.whole === whole);
      const own = known ?? { word, whole };
      if (!known) this.#words.push(own);
      wanted.add(own);
    }
    const asked: Asked = { wanted, at: 0, first: 0, last: 0 };
    this.#asked.push(asked);
    return (out) => {
      const known = (): Work[] => {
        if (this.#single && wanted.size > 0) return this.#lookFor(this.#single, out);
        const { at, first, last } = asked;
        return [{ kernel: "among", numbers: [this.#noted, at, first, last, out, rows] }];
      };
      this.#space.work.push({ known });
    };
  }

  #lookFor({ name, picked }: Single, out: number): Work[] {
    const { every, open } = this.#space;
    const pick = [this.#slot.kindsAt, every, picked, rows, open, 0] as const;
    return [
      { note: this.others, of: { kernel: "pick", numbers: pick } },
      { own: name, numbers: [rows, picked, out] },
    ];
  }

  /** Lays down for a question a byte for each number of a word: 1 where a text with that holds one that is asked for. */
  #layAsked(asked: Asked): void {
    const { kernel } = this.#space;
    const { wanted } = asked;
    const held = this.#words.flatMap((own, index) => {
      const isHeld = [...wanted].some((one) => one === own || (!one.whole && own.word.startsWith(one.word)));
      return isHeld ? index + 1 : [];
    });
    asked.at = kernel.take(this.#words.length + 16);
    for (const number of held) kernel.memory[asked.at + number] = 1;
    asked.first = (held[0] ?? 0) >> 4;
    asked.last = (held.at(-1) ?? 0) >> 4;
  }

  /** Code for the only word; undefined where it has none. */
  #layWord({ word, whole }: Beginning): Single | undefined {
    const space = this.#space;
    try {
      return {
        name: writeMatch(space, this.#slot, wordRegex(word, whole)),
        picked: space.kernel.mask(),
      };
    } catch (error) {
      if (error instanceof Unwritten) return undefined;
      throw error;
    }
  }

  #lay(): void {
    const { kernel } = this.#space;
    const words = this.#words;
    words.sort(
      (one, other) => one.word.length - other.word.length || Number(one.whole) - Number(other.whole),
    );
    for (const asked of this.#asked) this.#layAsked(asked);
    if (words.length === 1) this.#single = this.#layWord(words[0]!);
    if (this.#single) return;
    const view = new DataView(kernel.memory.buffer);
    this.#list = kernel.take(words.length * wordBytes);
    for (const [index, { word, whole }] of words.entries()) {
      const at = this.#list + index * wordBytes;
      view.setUint32(at, kernel.put(Buffer.from(word, "latin1")), true);
      view.setUint32(at + 4, whole ? word.length + exact : word.length, true);
      kernel.memory.set(bytesOf(word, 0, 8), at + 8);
      kernel.memory.set(bytesOf(word, 8, 16), at + 32);
    }
    const isLong = words.some(({ word }) => word.length > mostShort);
    if (words.length > mostFew || isLong) this.#layFirsts(view);
  }

  /** Bits of words by their bytes at the places that tell them apart best: see `block-begins.ts`. */
  #layFirsts(view: DataView): void {
    const words = this.#words.map(({ word }) => word);
    const at = this.#space.kernel.take(headBytes + 4 * tableBytes);
    this.#firsts = at;
    for (const [table, place] of tellingPlaces(words).entries()) {
      view.setUint32(at + table * 4, place, true);
      const bits = new BigUint64Array(tableBytes / 8);
      let short = 0n;
      for (const [index, word] of words.entries()) {
        const bit = 1n << BigInt(index);
        if (word.length <= place) short |= bit;
        else bits[word.charCodeAt(place)]! |= bit;
      }
      for (let byte = 0; byte < bits.length; byte++)
        view.setBigUint64(at + headBytes + table * tableBytes + byte * 8, bits[byte]! | short, true);
    }
    const empty = words.indexOf("");
    if (empty >= 0) view.setBigUint64(at + 16, 1n << BigInt(empty), true);
  }
}

/** Two words that agree at a place if one of them is over there as well. */
const mayAgree = (one: string, other: string, place: number): boolean =>
  place >= one.length || place >= other.length || one.charCodeAt(place) === other.charCodeAt(place);

/** How many pairs of words agree at a place: counted by their bytes there, as there may be two thousand pairs at each of sixteen places. */
function agreeing(words: readonly string[], place: number): number {
  const seen = new Uint8Array(256);
  let over = 0;
  let pairs = 0;
  for (const [before, word] of words.entries()) {
    if (place >= word.length) {
      pairs += before;
      over++;
    } else pairs += over + seen[word.charCodeAt(place)]!++;
  }
  return pairs;
}

/** Four places of bytes by which words are told apart: each the one that leaves the fewest pairs of words that agree so far. */
function tellingPlaces(words: readonly string[]): number[] {
  const places = Array.from(
    { length: Math.min(mostPlaces, Math.max(...words.map(({ length }) => length))) },
    (_, at) => at,
  );
  const leastBy = (count: (place: number) => number): number => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (const place of places) {
      const pairs = count(place);
      if (pairs < least) [best, least] = [place, pairs];
    }
    return best;
  };
  const first = leastBy((place) => agreeing(words, place));
  const found = [first];
  let left = words.flatMap((one, index) =>
    words.slice(index + 1).flatMap((other) => (mayAgree(one, other, first) ? [[one, other] as const] : [])),
  );
  while (found.length < 4) {
    const place = leastBy((at) => left.filter(([one, other]) => mayAgree(one, other, at)).length);
    left = left.filter(([one, other]) => mayAgree(one, other, place));
    found.push(place);
  }
  return found;
}
