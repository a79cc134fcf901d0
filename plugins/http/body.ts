import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from "node:zlib";
import { later, Refusal } from "./answer.ts";

/** Bytes of bodies that all requests together may hold. */
export class Budget {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes more bytes, or refuses the request for now. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#most) throw later("memory", "Too much is being taken at the moment.");
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }

  get free(): number {
    return this.#most - this.#held;
  }
}

/** What one request holds of the budget. Give it back with `release`. */
export class Share {
  readonly #budget: Budget;
  #bytes = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  take(bytes: number): void {
    this.#budget.take(bytes);
    this.#bytes += bytes;
  }

  release(): void {
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
  }

  get free(): number {
    return this.#budget.free;
  }
}

/** Reads a body as it is sent. Throws a Refusal on one that is too large. */
export async function readBody(request: IncomingMessage, maxBytes: number, share: Share): Promise<Buffer> {
  const tooLarge = (): Refusal => new Refusal(413, "too_large", `A body may have ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  // Not destroyed, so that the sender of a refused body can still read the answer.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) throw tooLarge();
    share.take(piece.length);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

type Decompress = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decompressors: Readonly<Record<string, Decompress>> = {
  gzip: promisify(gunzip) as Decompress,
  "x-gzip": promisify(gunzip) as Decompress,
  zstd: promisify(zstdDecompress) as Decompress,
  br: promisify(brotliDecompress) as Decompress,
  // Both forms are sent under this name: with the header of zlib and without it.
  deflate: (bytes, options) =>
    (promisify(isZlib(bytes) ? inflate : inflateRaw) as Decompress)(bytes, options),
};

const isZlib = (bytes: Buffer): boolean =>
  bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;

/** Undoes the content encoding. Never makes more than `maxBytes` of it, whatever it would become. */
export async function decodeBody(
  bytes: Buffer,
  encoding: string | undefined,
  maxBytes: number,
  share: Share,
): Promise<Buffer> {
  const name = (encoding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return bytes;
  const decompress = decompressors[name];
  if (!decompress) {
    const known = Object.keys(decompressors).join(", ");
    throw new Refusal(415, "encoding", `The content encoding is not one of ${known}.`, {
      headers: { "accept-encoding": known },
    });
  }
  const most = Math.min(maxBytes, share.free);
  let decoded: Buffer;
  try {
    decoded = await decompress(bytes, { maxOutputLength: Math.max(1, most) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE")
      throw new Refusal(400, "encoding", `The body is not ${name}.`);
    if (most < maxBytes) throw later("memory", "Too much is being taken at the moment.");
    throw new Refusal(413, "too_large", `A body may have ${maxBytes} bytes after decompression.`);
  }
  share.take(decoded.length);
  return decoded;
}
