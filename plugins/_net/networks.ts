import { BlockList, isIP } from "node:net";
import { z } from "zod";

/** An address or a network in CIDR form. */
interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

function parseNetwork(text: string): Network | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const size = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  return size >= 0 && size <= most
    ? { address, bits: size, family: version === 4 ? "ipv4" : "ipv6" }
    : undefined;
}

/** Networks from which senders are taken; an empty list takes all. */
export const networks = z
  .array(
    z
      .string()
      .refine(
        (text) => parseNetwork(text) !== undefined,
        "Expected an address or a network such as 192.0.2.0/24",
      ),
  )
  .max(1_000)
  .default([]);

/** An address as people write it: IPv4 that came over an IPv6 socket loses its prefix, and a zone is cut off. */
export const plainAddress = (address: string): string => {
  const bare = address.split("%", 1)[0] ?? "";
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
};

/** Tells whether a plain address is in one of the networks. */
export function allowList(list: readonly string[]): (address: string) => boolean {
  if (list.length === 0) return () => true;
  const allowed = new BlockList();
  for (const text of list) {
    const network = parseNetwork(text);
    if (network) allowed.addSubnet(network.address, network.bits, network.family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && allowed.check(address, version === 4 ? "ipv4" : "ipv6");
  };
}
