/** Names by which a loopback address is called. */
const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The host name of a Host header, without its port, in lower case. */
export const hostName = (header: string): string => header.toLowerCase().replace(/:\d{1,5}$/, "");

/**
 * True when the Host header names this machine. A page of another site whose name was made to point at 127.0.0.1
 * (DNS rebinding) still sends its own name.
 */
export function isOwnHost(header: string | undefined, more: readonly string[]): boolean {
  if (header === undefined) return false;
  const name = hostName(header);
  return loopbackNames.has(name) || more.some((each) => each.toLowerCase() === name);
}

/** True when a request comes from a page of this collector, or from no page at all. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  try {
    return host !== undefined && new URL(origin).host === host.toLowerCase();
  } catch {
    return false;
  }
}
