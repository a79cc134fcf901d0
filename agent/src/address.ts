import { isIPv4 } from "node:net";

/** Splits `host:port`; IPv6 hosts stand in brackets. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}

/** Whether an address is this machine and no other. Names other than localhost could resolve to anything. */
export function isLoopbackAddress(address: string): boolean {
  const { host } = parseAddress(address);
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
