import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { EngineError } from "./errors.ts";

/**
 * The body of a request, decompressed as its headers say.
 * A reader that stops early leaves the request open, so that the refusal can still be sent.
 */
export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity" || encoding === "") return request.iterator({ destroyOnReturn: false });
  const decoder = decoders[encoding]?.();
  if (!decoder) {
    throw new EngineError(
      36,
      "BAD_ARGUMENTS",
      `The content encoding "${encoding.slice(0, 32)}" is not available.`,
    );
  }
  // The reader sees the failure too; this only keeps one that comes before it from ending the process.
  decoder.on("error", () => {});
  request.once("close", () => {
    if (!request.complete) decoder.destroy(new Error("The request was cut off."));
  });
  return request.pipe(decoder).iterator({ destroyOnReturn: true });
}

/** Takes the rest of a refused body off the wire, so that the client reads the answer instead of a broken connection. */
export function discardRest(request: IncomingMessage): void {
  request.unpipe();
  request.resume();
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** Reads a body whole. Throws 307 (HTTP 413) beyond the limit. */
export async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) {
      throw new EngineError(307, "TOO_MANY_BYTES", `The statement is over its limit of ${maxBytes} bytes.`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

/** A head of bytes followed by a body. */
export async function* joined(head: Uint8Array, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* body;
}
