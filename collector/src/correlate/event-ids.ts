import { randomInt } from "node:crypto";
import { grown } from "./grown.ts";
import { hash52 } from "./hash.ts";

/** How an id is kept: as a text, or as 128 bits where it is written as 32 hex digits or as a UUID, in small letters. */
export const forms = { none: 0, text: 1, hex: 2, uuid: 3 } as const;
export type Form = (typeof forms)[keyof typeof forms];

/** So that nobody can know which ids share a bucket. */
const seed = randomInt(2 ** 32 - 1) | 1;
/** Where a UUID has its dashes. */
const isDash = (at: number): boolean => at === 8 || at === 13 || at === 18 || at === 23;

/** An id as it is kept and compared. */
export interface PackedId {
  readonly form: Form;
  /** The digits of `hex` and `uuid`, 32 bits each. */
  readonly words: Uint32Array;
  /** The id of form `text`. */
  readonly text: string;
  readonly hash: number;
  /** 52 bits that stand for it. */
  readonly number: number;
  /** Of an event without one. */
  readonly isEmpty: boolean;
}

/** Packs ids, from texts or as they lie in a batch: the same id gives the same. */
export class Packing implements PackedId {
  form: Form = forms.none;
  readonly words = new Uint32Array(4);
  text = "";
  hash = 0;

  ofText(id: string): this {
    const { length } = id;
    const digits = length === 32 || length === 36;
    for (let at = 0; digits && at < length; at++) codes[at] = id.charCodeAt(at);
    if (!digits || !this.#digits(codes, 0, length)) this.#asText(id);
    return this;
  }

  ofBytes(bytes: Buffer, from: number, to: number): this {
    const length = to - from;
    if ((length !== 32 && length !== 36) || !this.#digits(bytes, from, length))
      this.#asText(bytes.toString("utf8", from, to));
    return this;
  }

  get isEmpty(): boolean {
    return this.form === forms.text && this.text === "";
  }

  /** 52 bits that stand for the id, as a number that is exact. */
  get number(): number {
    if (this.form === forms.text) return hash52(this.text);
    const { words } = this;
    let high = ~seed;
    for (let at = 0; at < 4; at++) high = Math.imul(high ^ words[at]!, 0x9e37_79b1) ^ (high >>> 15);
    return (mixed(high ^ this.form) & 0xf_ffff) * 0x1_0000_0000 + this.hash;
  }

  #asText(id: string): void {
    this.form = forms.text;
    this.text = id;
    let hash = seed ^ forms.text;
    for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x0100_0193);
    this.hash = mixed(hash) >>> 0;
  }

  #digits(codes: Uint8Array | Uint16Array, from: number, length: number): boolean {
    const dashes = length === 36;
    const { words } = this;
    let word = 0;
    let count = 0;
    for (let at = 0; at < length; at++) {
      const code = codes[from + at]!;
      if (dashes && isDash(at)) {
        if (code !== 45) return false;
        continue;
      }
      const digit = code - 48;
      const letter = code - 97;
      if (digit >= 0 && digit <= 9) word = (word << 4) | digit;
      else if (letter >= 0 && letter <= 5) word = (word << 4) | (letter + 10);
      else return false;
      if ((++count & 7) === 0) words[(count >>> 3) - 1] = word;
    }
    this.form = dashes ? forms.uuid : forms.hex;
    this.text = "";
    // The last digits count events of one source, so each word changes all bits of what comes after it.
    let hash = seed ^ this.form;
    for (let at = 0; at < 4; at++) hash = mixed(hash ^ words[at]!);
    this.hash = hash >>> 0;
    return true;
  }
}

const codes = new Uint16Array(36);

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

const packing = new Packing();

/** The packed form of an id; void after the next call. */
export const packed = (id: string): Packing => packing.ofText(id);

/**
 * Ids by number. Nearly all are 128 bits, which are kept as such: hundreds of thousands of texts that live for minutes cost the
 * garbage collector more than looking for them does.
 */
export class EventIds {
  #words = new Uint32Array(4 * 64);
  #forms = new Uint8Array(64);
  #hashes = new Uint32Array(64);
  readonly #texts: (string | undefined)[] = [];

  set(number: number, { form, words, text, hash }: PackedId): void {
    while (number >= this.#forms.length) {
      const room = this.#forms.length * 2;
      this.#words = grown(this.#words, room * 4);
      this.#forms = grown(this.#forms, room);
      this.#hashes = grown(this.#hashes, room);
    }
    this.#forms[number] = form;
    this.#hashes[number] = hash;
    if (form === forms.text) this.#texts[number] = text;
    else for (let at = 0; at < 4; at++) this.#words[number * 4 + at] = words[at]!;
  }

  /** Forgets the id of a number. */
  clear(number: number): void {
    if (this.#forms[number] === forms.text) this.#texts[number] = undefined;
    this.#forms[number] = forms.none;
  }

  hash(number: number): number {
    return this.#hashes[number]!;
  }

  is(number: number, { form, words, text, hash }: PackedId): boolean {
    if (this.#hashes[number] !== hash || this.#forms[number] !== form) return false;
    if (form === forms.text) return this.#texts[number] === text;
    const own = this.#words;
    const at = number * 4;
    return (
      own[at] === words[0] && own[at + 1] === words[1] && own[at + 2] === words[2] && own[at + 3] === words[3]
    );
  }

  /** The id of a number, as it was written. */
  text(number: number): string {
    const form = this.#forms[number];
    if (form === forms.none) return "";
    return form === forms.text
      ? this.#texts[number]!
      : digitsOf(this.#words, number * 4, form === forms.uuid);
  }
}

/** 128 bits as digits: 32 of them, or a UUID. */
export function digitsOf(words: Uint32Array | Int32Array, from: number, asUuid: boolean): string {
  let digits = "";
  for (let at = 0; at < 4; at++) digits += (words[from + at]! >>> 0).toString(16).padStart(8, "0");
  if (!asUuid) return digits;
  const parts = [0, 8, 12, 16, 20, 32].map((at, i, all) => digits.slice(at, all[i + 1]));
  return parts.slice(0, 5).join("-");
}
