import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Reads a file that ships with the program: named by its place beside the source, or, in a one-file bundle, carried as
 * a `data:` URL (RFC 2397, base64 only; scripts/build-agent.mjs makes them). Throws the system's error.
 */
export function readAsset(file: string | URL): Buffer {
  const url = typeof file === "string" ? undefined : file;
  if (url?.protocol !== "data:") return readFileSync(file);
  return Buffer.from(url.pathname.slice(url.pathname.indexOf(",") + 1), "base64");
}

/** True where such a file is carried as JSON, whatever it was written in. */
export const isJsonAsset = (file: string | URL): boolean =>
  file instanceof URL && file.href.startsWith("data:application/json;");

/** What messages call such a file: its path, or the name that a `data:` URL carries as a parameter. */
export function assetName(file: string | URL): string {
  if (typeof file === "string") return file;
  if (file.protocol !== "data:") return fileURLToPath(file);
  return decodeURIComponent(/;name=([^;,]+)/.exec(file.pathname)?.[1] ?? "bundled file");
}
