import { isIPv4, isIPv6 } from "node:net";

/** An address or a range of addresses, as it is written in one way only. An address is the range of its full length. */
export interface AddressRange {
  readonly version: 4 | 6;
  /** The lowest address as a number. */
  readonly first: bigint;
  /** Length of the prefix: 0 to 32, or 0 to 128. */
  readonly bits: number;
  /** Canonical (RFC 5952): `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/64`. */
  readonly text: string;
}

const widthOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);

/**
 * Reads an address or a range in CIDR notation. IPv4-mapped IPv6 becomes IPv4. Undefined for all else: leading zeros, numbers as
 * addresses, zones, missing parts, and bits set behind the prefix, since nobody knows which of the two was meant.
 */
export function parseRange(text: string): AddressRange | undefined {
  if (text.length > 50) return undefined;
  const [address = "", length, ...rest] = text.split("/");
  if (rest.length > 0 || (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length))) return undefined;
  const given = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined;
  if (given === undefined) return undefined;
  const number = given === 4 ? numberOfV4(address) : numberOfV6(address);
  const bits = length === undefined ? widthOf(given) : Number(length);
  if (bits > widthOf(given)) return undefined;
  const mapped = given === 6 && bits >= 96 && number >> 32n === 0xffffn;
  const made = mapped ? rangeOf(4, number & 0xffff_ffffn, bits - 96) : rangeOf(given, number, bits);
  return made.first === (mapped ? number & 0xffff_ffffn : number) ? made : undefined;
}

/** The range of a length that an address is in. */
export function rangeOf(version: 4 | 6, address: bigint, bits: number): AddressRange {
  const behind = BigInt(widthOf(version) - bits);
  const first = (address >> behind) << behind;
  const base = version === 4 ? textOfV4(first) : textOfV6(first);
  return { version, first, bits, text: bits === widthOf(version) ? base : `${base}/${bits}` };
}

/** Whether it is one address. */
export const isSingle = ({ version, bits }: AddressRange): boolean => bits === widthOf(version);

/** Whether two ranges have an address in common; then one of them holds the other. */
export function overlaps(left: AddressRange, right: AddressRange): boolean {
  if (left.version !== right.version) return false;
  const behind = BigInt(widthOf(left.version) - Math.min(left.bits, right.bits));
  return left.first >> behind === right.first >> behind;
}

/** Whether the whole of `inner` is in `outer`. */
export const covers = (outer: AddressRange, inner: AddressRange): boolean =>
  outer.bits <= inner.bits && overlaps(outer, inner);

/** Where IPv4 is inside IPv6: compatible, mapped, translated (RFC 2765), NAT64 (RFC 6052, 8215), 6to4. */
const embeddings: readonly (readonly [prefix: bigint, bits: number])[] = [
  [0n, 96],
  [0xffffn << 32n, 96],
  [0xffffn << 48n, 96],
  [0x64_ff9bn << 96n, 96],
  [0x2002n << 112n, 16],
];

/** Where a network translates for itself (RFC 8215): which IPv4 address is meant depends on how it was set up. */
const localTranslation = rangeOf(6, 0x64_ff9b_0001n << 80n, 48);

/** The range and, of IPv4, all ranges of IPv6 that may lead to it: what must not be touched must not be touched that way either. */
export function aliasesOf(range: AddressRange): AddressRange[] {
  if (range.version === 6) return [range];
  const inside = embeddings.map(([prefix, bits]) =>
    rangeOf(6, prefix | (range.first << BigInt(96 - bits)), bits + range.bits),
  );
  return [range, ...inside, localTranslation];
}

const numberOfV4 = (text: string): bigint =>
  text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);

function numberOfV6(text: string): bigint {
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? "";
  const last = dotted.includes(".") ? numberOfV4(dotted) : undefined;
  const tail = last === undefined ? "" : `${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`;
  const whole = last === undefined ? text : text.slice(0, -dotted.length) + tail;
  const [head = "", rest] = whole.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(rest ?? "")];
  const between = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...between, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

const textOfV4 = (number: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");

function textOfV6(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((number >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  ).join(":");
  // The URL parser writes addresses as RFC 5952 asks.
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
