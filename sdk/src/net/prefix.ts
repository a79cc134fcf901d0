import { isIPv4, isIPv6 } from "node:net";
import { once } from "../once.ts";

/** A range of addresses: all that begin with the first `bits` bits of `base`. */
export interface Prefix {
  readonly family: 4 | 6;
  /** The first address of the range. */
  readonly base: bigint;
  readonly bits: number;
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);
const bitsPattern = /^(?:0|[1-9]\d{0,2})$/;

/**
 * Reads an address, or a range such as `10.0.0.0/8`. Only the plain forms: four decimal numbers without leading zeros, or
 * IPv6 without a zone. IPv4 inside `::ffff:0:0/96` is read as IPv4. Undefined where it is anything else.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = "", bits, ...more] = text.split("/");
  if (more.length > 0 || (bits !== undefined && !bitsPattern.test(bits))) return undefined;
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined;
  if (family === undefined) return undefined;
  const width = widthOf(family);
  const length = bits === undefined ? width : Number(bits);
  if (length > width) return undefined;
  const read = { family, base: family === 4 ? valueOf4(address) : valueOf6(address), bits: length } as const;
  if (family === 6 && length >= 96 && read.base >> 32n === 0xffffn)
    return masked({ family: 4, base: read.base & 0xffff_ffffn, bits: length - 96 });
  return masked(read);
}

/** A prefix with fewer or the same bits, its host bits off. */
export const widened = ({ family, base, bits }: Prefix, to: number): Prefix =>
  masked({ family, base, bits: Math.min(bits, to) });

function masked({ family, base, bits }: Prefix): Prefix {
  const rest = BigInt(widthOf(family) - bits);
  return { family, base: (base >> rest) << rest, bits };
}

/** The one way to write a prefix: RFC 5952 for IPv6, no length where it is a single address. */
export function prefixText({ family, base, bits }: Prefix): string {
  const address = family === 4 ? text4(base) : text6(base);
  return bits === widthOf(family) ? address : `${address}/${bits}`;
}

/** Whether it is a single address. */
export const isSingle = ({ family, bits }: Prefix): boolean => bits === widthOf(family);

/** Whether two prefixes have an address in common: one then holds the other. */
export function overlap(a: Prefix, b: Prefix): boolean {
  if (a.family !== b.family) return false;
  const rest = BigInt(widthOf(a.family) - Math.min(a.bits, b.bits));
  return a.base >> rest === b.base >> rest;
}

/** Whether every address of `inner` is in `outer`. */
export const holds = (outer: Prefix, inner: Prefix): boolean =>
  outer.bits <= inner.bits && overlap(outer, inner);

/** Where IPv4 addresses are written into IPv6 ones: after so many bits of the prefix. */
const embeddings = once(() =>
  [
    ["::ffff:0:0:0/96", 96],
    ["::/96", 96],
    ["64:ff9b::/96", 96],
    ["64:ff9b:1::/48", 96],
    ["2002::/16", 16],
  ].map(([text, at]) => ({ within: parsePrefix(text as string)!, at: at as number })),
);
/** Mapped addresses are read as IPv4 unless the prefix is wider than they are. */
const mapped: Prefix = { family: 6, base: 0xffffn << 32n, bits: 96 };

/**
 * The prefix, and the IPv4 ranges that it leads to: mapped, translated, compatible, NAT64 (both prefixes), 6to4. A range that is wider
 * than such a prefix leads to all of IPv4.
 */
export function meaningsOfPrefix(prefix: Prefix): Prefix[] {
  if (prefix.family === 4) return [prefix];
  const found = [{ within: mapped, at: 96 }, ...embeddings()].flatMap(({ within, at }) => {
    if (!overlap(within, prefix)) return [];
    const bits = Math.min(32, Math.max(0, prefix.bits - at));
    return [masked({ family: 4, base: (prefix.base >> BigInt(96 - at)) & 0xffff_ffffn, bits })];
  });
  return [prefix, ...found];
}

const valueOf4 = (address: string): bigint =>
  address.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);

function valueOf6(address: string): bigint {
  // The URL parser writes every form in one: hexadecimal groups, the longest run of zeros left out.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = text.split("::");
  const parse = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const [before, after] = [parse(head), tail === undefined ? [] : parse(tail)];
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

const text4 = (value: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");

function text6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt((7 - at) * 16)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
