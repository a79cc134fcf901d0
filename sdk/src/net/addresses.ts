import { BlockList, isIP, isIPv4 } from "node:net";

const list = (ranges: string): BlockList => {
  const made = new BlockList();
  for (const range of ranges.split(/\s+/)) addRange(made, range);
  return made;
};

/** Adds `address` or `address/bits`. Throws a TypeError where it is neither. */
export function addRange(to: BlockList, range: string): void {
  const [address = "", bits] = range.split("/");
  const family = isIP(address);
  if (family === 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)))
    throw new TypeError(`"${range}" is no address and no range such as 10.0.0.0/8.`);
  const kind = family === 4 ? "ipv4" : "ipv6";
  if (bits === undefined) to.addAddress(address, kind);
  else to.addSubnet(address, Number(bits), kind);
}

/** Whether an address is in a list, whichever family it has. */
export const inList = (among: BlockList, address: string): boolean =>
  among.check(address, isIPv4(address) ? "ipv4" : "ipv6");

/** What no plugin may reach unless it is allowed, and why. Private networks are not among it: that is where targets are. */
const closed: readonly { readonly why: string; readonly ranges: string; among?: BlockList }[] = [
  // Before link-local, of which most of them are part: the reason should be the one that matters.
  {
    why: "the metadata service of a cloud",
    ranges:
      "169.254.169.254 169.254.170.2 169.254.170.23 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254 fd00:ec2::23 fd20:ce::254",
  },
  { why: "this machine", ranges: "0.0.0.0/8 127.0.0.0/8 ::1 ::" },
  { why: "a link-local address", ranges: "169.254.0.0/16 fe80::/10" },
  { why: "no single host", ranges: "224.0.0.0/4 255.255.255.255 ff00::/8" },
];

/** Why an address is closed; undefined where it is open. IPv4 inside IPv6 counts as what it is. */
export function closedBecause(address: string): string | undefined {
  for (const each of meaningsOf(address)) {
    // Made when first asked: most programs of the platform never do.
    const found = closed.find((entry) => {
      entry.among ??= list(entry.ranges);
      return inList(entry.among, each);
    });
    if (found) return found.why;
  }
  return undefined;
}

/** An address without its zone, and the IPv4 addresses that it leads to. */
export function meaningsOf(address: string): string[] {
  const [plain = ""] = address.split("%");
  return [plain, ...embedded(plain)];
}

/** The IPv4 addresses inside an IPv6 address: mapped, compatible, NAT64 (both prefixes), 6to4. */
function embedded(address: string): string[] {
  if (isIP(address) !== 6) return [];
  const groups = groupsOf(address);
  const v4 = (at: number): string =>
    [groups[at]! >> 8, groups[at]! & 255, groups[at + 1]! >> 8, groups[at + 1]! & 255].join(".");
  const begins = (...first: number[]): boolean => first.every((group, index) => groups[index] === group);
  const found: string[] = [];
  if (begins(0, 0, 0, 0, 0, 0xffff) || begins(0, 0, 0, 0, 0xffff, 0)) found.push(v4(6));
  // The unspecified address and ::1 are IPv6 itself.
  if (begins(0, 0, 0, 0, 0, 0) && (groups[6]! > 0 || groups[7]! > 1)) found.push(v4(6));
  if (begins(0x64, 0xff9b, 0, 0, 0, 0) || begins(0x64, 0xff9b, 1)) found.push(v4(6));
  if (begins(0x2002)) found.push(v4(1));
  return found;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser writes every form in one: hexadecimal, the longest run of zeros left out.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = text.split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [parse(head), tail === undefined ? [] : parse(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
