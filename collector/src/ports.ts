import { createServer } from "node:net";
import { isLoopback } from "@vedette/core/config";
import { messageOf, VedetteError } from "@vedette/sdk";

/**
 * Makes sure that an address can be had before anything slow is started. Throws `transport.unavailable`, naming the key
 * of the configuration that asks for it.
 */
export async function requireAddress(
  key: string,
  at: { readonly host: string; readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const message = `Cannot listen on ${at.host}:${at.port} (${key}): ${messageOf(error)}. End what uses it, or choose another port.`;
      reject(new VedetteError("transport.unavailable", message, { verdict: "stop" }, { cause: error }));
    });
    server.listen(at.port, at.host, () => server.close(() => resolve()));
  });
}

/** Throws `config.invalid` where an address is open to others without TLS, unless that was asked for. */
export function refusePlaintext(section: "ingest" | "http", host: string, allowed: boolean): void {
  if (allowed || isLoopback(host)) return;
  const message =
    `collector.${section}.listen is ${host}, which is not loopback, and there is no TLS yet. ` +
    `Listen on 127.0.0.1 behind a TLS proxy, or set collector.${section}.dangerouslyAllowPlaintext on a network you trust.`;
  throw new VedetteError("config.invalid", message, { verdict: "stop" });
}
