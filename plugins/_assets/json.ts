import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const unzip = promisify(gunzip);

/** Bounds of a document that tells of assets. Packed and unpacked alike. */
export const limits = { bytes: 10 * 2 ** 20, depth: 20 } as const;

/** Reads JSON, gzip-packed or not, within the bounds. Throws an Error with a sentence that says what is wrong. */
export async function readJson(given: Uint8Array): Promise<unknown> {
  if (given.length > limits.bytes) throw new RangeError(`It has more than ${limits.bytes} bytes.`);
  const packed = given[0] === 0x1f && given[1] === 0x8b;
  let bytes = given;
  if (packed) {
    try {
      bytes = await unzip(given, { maxOutputLength: limits.bytes });
    } catch (error) {
      throw new RangeError(`It cannot be unpacked, or has more than ${limits.bytes} bytes unpacked.`, {
        cause: error,
      });
    }
  }
  // Before it is parsed: ten million brackets are ten million objects.
  if (isDeeper(bytes, limits.depth))
    throw new RangeError(`It is nested more than ${limits.depth} levels deep.`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const what = /^\s*</.test(text)
      ? "It is a page or XML, not JSON."
      : `It is not JSON: ${(error as Error).message}`;
    throw new SyntaxError(what.slice(0, 300), { cause: error });
  }
}

const [quote, backslash, openList, openObject, closeList, closeObject] = [0x22, 0x5c, 0x5b, 0x7b, 0x5d, 0x7d];

/** True where brackets outside of texts are nested deeper. */
function isDeeper(bytes: Uint8Array, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === backslash) at++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === openList || byte === openObject) {
      if (++depth > most) return true;
    } else if (byte === closeList || byte === closeObject) depth--;
  }
  return false;
}
