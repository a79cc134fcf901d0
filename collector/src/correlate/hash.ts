import { randomInt } from "node:crypto";

// Its own in every process, so that nobody can choose values that look equal. What is hashed is rebuilt after a restart.
const seed = randomInt(2 ** 31);
const firstLow = seed;
const firstHigh = ~seed;

/**
 * 64 bits that stand for a text, or for several in a row: two lanes of multiply and xor over four bytes of UTF-8 at a time, each mixed
 * as MurmurHash3 ends. A text has the same hash whether it is read from the bytes of a batch or is an object's. Among a million values
 * two are taken for equal once in 10^7 times.
 */
export class Hash64 {
  low = 0;
  high = 0;

  /** Becomes the hash of a text. */
  ofText(text: string): void {
    let low = firstLow;
    let high = firstHigh;
    const { length } = text;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const a = text.charCodeAt(at);
      const b = text.charCodeAt(at + 1);
      const c = text.charCodeAt(at + 2);
      const d = text.charCodeAt(at + 3);
      if ((a | b | c | d) >= 0x80) {
        this.#ofEncoded(text);
        return;
      }
      const word = a | (b << 8) | (c << 16) | (d << 24);
      low = Math.imul(low ^ word, 0x9e37_79b1);
      high = Math.imul(high ^ word ^ (low >>> 13), 0x85eb_ca77);
    }
    let word = length - at;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) {
        this.#ofEncoded(text);
        return;
      }
      word = (word << 8) | code;
    }
    this.#end(low, high, word);
  }

  /** Becomes the hash of the text that lies in bytes as UTF-8. */
  ofBytes(bytes: Buffer, from: number, to: number): void {
    let low = firstLow;
    let high = firstHigh;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      // What is not ASCII may not be UTF-8 either; then it is what reading it as a text makes of it.
      if ((word & 0x8080_8080) !== 0) {
        this.ofText(bytes.toString("utf8", from, to));
        return;
      }
      low = Math.imul(low ^ word, 0x9e37_79b1);
      high = Math.imul(high ^ word ^ (low >>> 13), 0x85eb_ca77);
    }
    let word = to - at;
    for (; at < to; at++) {
      const code = bytes[at]!;
      if (code >= 0x80) {
        this.ofText(bytes.toString("utf8", from, to));
        return;
      }
      word = (word << 8) | code;
    }
    this.#end(low, high, word);
  }

  #ofEncoded(text: string): void {
    const bytes = Buffer.from(text);
    let low = ~firstLow;
    let high = firstHigh;
    for (const byte of bytes) {
      low = Math.imul(low ^ byte, 0x9e37_79b1);
      high = Math.imul(high ^ byte ^ (low >>> 13), 0x85eb_ca77);
    }
    this.#end(low, high, bytes.length);
  }

  #end(low: number, high: number, word: number): void {
    this.low = mixed(Math.imul(low ^ word, 0x9e37_79b1) ^ (high >>> 15));
    this.high = mixed(Math.imul(high ^ word, 0x85eb_ca77) ^ this.low);
  }

  /** Begins a row of hashes with a number. */
  begin(number: number): void {
    this.low = mixed(firstLow ^ number);
    this.high = mixed(firstHigh ^ this.low);
  }

  /** Goes on with another hash; in another order another one comes of it. */
  add(low: number, high: number): void {
    this.low = mixed(Math.imul(this.low, 0x9e37_79b1) ^ low);
    this.high = mixed(Math.imul(this.high ^ this.low, 0x85eb_ca77) ^ high);
  }

  /** 52 bits of it, as a number that is exact. */
  get number(): number {
    return (this.high & 0xf_ffff) * 0x1_0000_0000 + (this.low >>> 0);
  }
}

const scratch = new Hash64();

/** 52 bits of the hash of a text: among 10,000 values two are taken for equal once in 10^8 times. */
export function hash52(text: string): number {
  scratch.ofText(text);
  return scratch.number;
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
