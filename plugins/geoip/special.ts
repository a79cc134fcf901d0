import { type Address, parseAddress } from "./address.ts";

/** Ranges that belong to nobody in particular, from the IANA special-purpose address registries. */
const SPECIAL_V4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared address space of carriers (CGNAT)
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relay anycast, withdrawn
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
] as const;

/** Within 2000::/3, the only block of global unicast addresses. */
const SPECIAL_V6 = [
  "2001::/23", // protocol assignments: Teredo, ORCHID and others
  "2001:db8::/32", // documentation
  "3fff::/20", // documentation
] as const;

interface Range {
  readonly words: Address["words"];
  readonly masks: readonly [number, number, number, number];
}

/** Mask of one word of a prefix of `bits` bits, as an unsigned number. */
const maskOf = (bits: number): number =>
  bits <= 0 ? 0 : bits >= 32 ? 0xffff_ffff : (-1 << (32 - bits)) >>> 0;

function compile(cidr: string): Range {
  const [text = "", length] = cidr.split("/");
  const address = parseAddress(text);
  if (!address) throw new TypeError(`"${cidr}" is not a network.`);
  const bits = Number(length) + (address.version === 4 ? 96 : 0);
  return {
    words: address.words,
    masks: [maskOf(bits), maskOf(bits - 32), maskOf(bits - 64), maskOf(bits - 96)],
  };
}

const v4Ranges = SPECIAL_V4.map(compile);
const v6Ranges = SPECIAL_V6.map(compile);

const within = (range: Range, address: Address): boolean =>
  address.words.every((word, at) => (word & (range.masks[at] as number)) >>> 0 === range.words[at]);

/**
 * True for an address that no public database can place: private, loopback, link-local, CGNAT,
 * multicast, documentation, benchmark, reserved. Unwrap IPv4 inside IPv6 first.
 */
export function isSpecial(address: Address): boolean {
  if (address.version === 4) return v4Ranges.some((range) => within(range, address));
  if (address.words[0] >>> 29 !== 1) return true;
  return v6Ranges.some((range) => within(range, address));
}
