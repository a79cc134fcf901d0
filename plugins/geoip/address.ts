/** An IP address as four 32-bit words, high word first. An IPv4 address is in the last word. */
export interface Address {
  readonly version: 4 | 6;
  readonly words: readonly [number, number, number, number];
}

const ZERO = 48;

/** Reads a dotted quad strictly: four decimals up to 255, no leading zeros. Gives -1 for anything else. */
function parseV4(text: string, from: number): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let index = from; index <= text.length; index++) {
    const digit = index < text.length ? text.charCodeAt(index) - ZERO : -2;
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return -1;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return -1;
    } else {
      if (octet < 0 || (index < text.length && text[index] !== ".")) return -1;
      value = value * 256 + octet;
      octet = -1;
      if (index < text.length && ++dots > 3) return -1;
    }
  }
  return dots === 3 ? value : -1;
}

const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Reads the 16-bit groups of one side of `::`. Undefined when one of them is not a group. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes(".")) {
      const v4 = parseV4(part, 0);
      if (v4 < 0) return undefined;
      groups.push(Math.floor(v4 / 65_536), v4 % 65_536);
    } else {
      if (!GROUP.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function parseV6(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  if (halves.length === 2 && halves[0]?.includes(".")) return undefined;
  const left = groupsOf(halves[0] as string);
  const right = groupsOf(halves[1] ?? "");
  if (!left || !right) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...new Array<number>(missing).fill(0), ...right];
  const word = (at: number): number => (groups[at] as number) * 65_536 + (groups[at + 1] as number);
  return { version: 6, words: [word(0), word(2), word(4), word(6)] };
}

/** Longest text an address may have: a full IPv6 address with an embedded IPv4 one, and a zone. */
const MAX_LENGTH = 64;

/** Parses an IP address (RFC 4291, zone ignored). Undefined when the text is not exactly one address. */
export function parseAddress(text: string): Address | undefined {
  if (text.length < 2 || text.length > MAX_LENGTH) return undefined;
  if (text.includes(":")) {
    const zone = text.indexOf("%");
    return parseV6(zone < 0 ? text : text.slice(0, zone));
  }
  const value = parseV4(text, 0);
  return value < 0 ? undefined : { version: 4, words: [0, 0, 0, value] };
}

const v4 = (value: number): Address => ({ version: 4, words: [0, 0, 0, value] });

/**
 * Takes the IPv4 address out of an IPv6 one that only carries it: IPv4-mapped (`::ffff:0:0/96`),
 * NAT64 (`64:ff9b::/96`) and 6to4 (`2002::/16`). Any other address comes back as it is.
 */
export function unwrap(address: Address): Address {
  if (address.version === 4) return address;
  const [a, b, c, d] = address.words;
  if (a === 0 && b === 0 && c === 0xffff) return v4(d);
  if (a === 0x0064_ff9b && b === 0 && c === 0) return v4(d);
  if (Math.floor(a / 65_536) === 0x2002) return v4((a % 65_536) * 65_536 + Math.floor(b / 65_536));
  return address;
}

/** Prints an IPv4 address; for look-ups only. */
export function formatV4(address: Address): string {
  const value = address.words[3];
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
