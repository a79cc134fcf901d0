import { readFileSync } from "node:fs";

/**
 * Datagrams that the kernel lost because the receive buffers of UDP sockets on a local port were full, since these
 * sockets were opened (last column of /proc/net/udp and udp6). Undefined where the kernel does not say.
 */
export function kernelDrops(port: number, family: "udp4" | "udp6"): number | undefined {
  let table: string;
  try {
    table = readFileSync(family === "udp4" ? "/proc/net/udp" : "/proc/net/udp6", "latin1");
  } catch {
    return undefined;
  }
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  let drops: number | undefined;
  for (const line of table.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(`:${wanted}`)) drops = (drops ?? 0) + Number(fields.at(-1) ?? 0);
  }
  return drops;
}
