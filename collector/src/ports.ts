import { createServer } from "node:net";
import { isLoopback } from "@vedette/core/config";
import { messageOf, TlsFiles, type TlsPaths, VedetteError } from "@vedette/sdk";

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

/** Throws `config.invalid` where a section listens to others without TLS, unless that was asked for. */
export function refusePlaintext(
  section: "ingest" | "http",
  host: string,
  {
    tls,
    dangerouslyAllowPlaintext,
  }: { readonly tls?: object | undefined; readonly dangerouslyAllowPlaintext: boolean },
): void {
  if (tls || dangerouslyAllowPlaintext || isLoopback(host)) return;
  const message =
    `collector.${section}.listen is ${host}, which is not loopback: set collector.${section}.tls. ` +
    `Behind a TLS proxy listen on 127.0.0.1; collector.${section}.dangerouslyAllowPlaintext is for networks you trust.`;
  throw new VedetteError("config.invalid", message, { verdict: "stop" });
}

/** The files of a listener's certificate, read once; undefined where none are named. Throws `config.invalid` where they cannot be used. */
export function openTlsFiles(
  section: "ingest" | "http",
  settings: TlsPaths | undefined,
  baseDir: string,
): TlsFiles | undefined {
  if (settings?.certFile === undefined) return undefined;
  const files = new TlsFiles(settings, baseDir);
  try {
    files.read();
  } catch (error) {
    const message = `collector.${section}.tls: ${messageOf(error)}.`;
    throw new VedetteError("config.invalid", message, { verdict: "stop" }, { cause: error });
  }
  return files;
}
