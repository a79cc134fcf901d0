import { once } from "node:events";
import { read } from "node:fs";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** Kinds of archives that can be read: gzip (RFC 1952) and Zstandard (RFC 8878). */
export type ArchiveKind = "gz" | "zst";

const readBytes = 64 * 1_024;
const refusedName = /\.(?:xz|bz2|lz4|zip|Z)$/;

/** The kind of archive by its name; `refused` for kinds that Node cannot read, undefined for no archive at all. */
export function archiveKind(name: string): ArchiveKind | "refused" | undefined {
  if (name.endsWith(".gz")) return "gz";
  if (name.endsWith(".zst")) return "zst";
  return refusedName.test(name) ? "refused" : undefined;
}

/** `a.log.1.gz` → `a.log.1`. */
export const nameInArchive = (name: string): string => name.slice(0, name.lastIndexOf("."));

const readAsync = promisify(read);

/** The bytes of an open file from an offset on. A stream of Node's own would close the descriptor with itself. */
async function* stretches(fd: number, from: number): AsyncGenerator<Buffer> {
  for (let at = from; ; ) {
    const { bytesRead, buffer } = await readAsync(fd, Buffer.allocUnsafe(readBytes), 0, readBytes, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/**
 * The uncompressed bytes of an open archive in order, all members and frames, holding one chunk at a time. Throws
 * the decompressor's error where the archive is cut short or damaged. Does not close the descriptor.
 */
export async function* inflate(fd: number, kind: ArchiveKind, size: number): AsyncGenerator<Buffer> {
  let at = 0;
  // Node's gunzip goes on with the next member by itself, its Zstandard ends with the frame.
  do {
    const source = Readable.from(stretches(fd, at), { objectMode: false, highWaterMark: readBytes });
    const inflater =
      kind === "gz" ? createGunzip({ chunkSize: readBytes }) : createZstdDecompress({ chunkSize: readBytes });
    source.on("error", (error) => inflater.destroy(error));
    source.pipe(inflater);
    try {
      for await (const chunk of inflater) yield chunk as Buffer;
    } finally {
      inflater.destroy();
      source.destroy();
      // A read under way would otherwise meet whatever the descriptor's number stands for next.
      if (!source.closed) await once(source, "close");
    }
    if (inflater.bytesWritten === 0) return;
    at += inflater.bytesWritten;
  } while (kind === "zst" && at < size);
}
