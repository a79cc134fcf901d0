import { isIPv4 } from "node:net";
import { z } from "zod";

/** `host:port`, with IPv6 hosts in brackets. Port 0 takes a free one where it is listened on. */
export const hostPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, "Expected host:port");

/** Splits `host:port`; the brackets of an IPv6 host are taken off. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}

/** Whether a host is this machine and no other. Names other than localhost could resolve to anything. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

/** The same of `host:port`. */
export const isLoopbackAddress = (address: string): boolean => isLoopback(parseAddress(address).host);
