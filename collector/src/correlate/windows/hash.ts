import { randomInt } from "node:crypto";

// Its own in every process, so that nobody can choose values that look equal. What is hashed is rebuilt after a restart.
const seed = randomInt(2 ** 31);

/**
 * 52 bits of a text, as a number: two lanes of multiply and xor over UTF-16 units, each mixed as MurmurHash3 ends. Among 10,000 values
 * two are taken for equal once in 10^8 times.
 */
export function hash52(text: string): number {
  let low = seed;
  let high = ~seed;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x9e37_79b1);
    high = Math.imul(high ^ code, 0x85eb_ca77);
  }
  low = mixed(low ^ (high >>> 15));
  high = mixed(high ^ low);
  return (high & 0xf_ffff) * 0x1_0000_0000 + (low >>> 0);
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
