import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";

const carriedKey: unique symbol = Symbol.for("vedette.carried");

/** What the one-file bundle carries: for each name that a `data:` URL has as its parameter the file in base64, made when asked. */
const carried = (
  globalThis as { readonly [carriedKey]?: Readonly<Record<string, (() => string) | undefined>> }
)[carriedKey];

/**
 * Reads a file that ships with the program: named by its place beside the source, or, in a one-file bundle, by a `data:` URL
 * (RFC 2397, base64 only; scripts/build-agent.mjs makes them) that holds it, or is empty and names what the bundle carries.
 * Throws the system's error, and an Error where the bundle carries no such file.
 */
export function readAsset(file: string | URL): Buffer {
  const url = typeof file === "string" ? undefined : file;
  if (url?.protocol !== "data:") return readFileSync(file);
  const inside = url.pathname.slice(url.pathname.indexOf(",") + 1);
  if (inside !== "") return Buffer.from(inside, "base64");
  const found = carried?.[assetName(url)];
  if (found === undefined) throw new Error(`The program does not carry ${assetName(url)}.`);
  return Buffer.from(found(), "base64");
}

/** What the build made of a carried file beside its bytes, parsed (scripts/build-agent.mjs); undefined where it made nothing. */
export function checkedAsset(file: string | URL): unknown {
  if (!(file instanceof URL) || file.protocol !== "data:") return undefined;
  const found = carried?.[`${assetName(file)}#checked`];
  return found && JSON.parse(Buffer.from(found(), "base64").toString("utf8"));
}

/** What the build wrote of the form for blocks of a data type's pipeline, parsed (scripts/build-agent.mjs); undefined where it wrote nothing. */
export function carriedBlock(dataType: string): unknown {
  const found = carried?.[`${dataType}#block`];
  return found && JSON.parse(zstdDecompressSync(Buffer.from(found(), "base64")).toString("latin1"));
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
