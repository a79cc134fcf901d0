import { hash } from "node:crypto";
import { type BigIntStats, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** Longest head that is hashed. */
export const headBytes = 1_024;
/** Longest stretch before an offset that is compared. */
export const tailBytes = 256;
/** Shorter heads are too common to tell files apart by content alone. */
export const tellingBytes = 64;

/** A stretch of a file by its hash. `end` is the offset just past it. */
export interface Fingerprint {
  readonly end: number;
  readonly length: number;
  readonly hash: string;
}

/** What the file system says of a file. Text, as 64-bit numbers do not survive JSON. */
export interface Inode {
  readonly dev: string;
  readonly ino: string;
  /** Birth time in nanoseconds; 0 where the file system has none. */
  readonly birth: string;
}

export const inodeOf = (stats: BigIntStats): Inode => ({
  dev: String(stats.dev),
  ino: String(stats.ino),
  birth: String(stats.birthtimeNs),
});

/** Whether a file is in a folder under whatever name, or that cannot be told. */
export function isIn(dir: string, { ino, birth }: Inode): boolean {
  try {
    return readdirSync(dir).some((name) => {
      const stats = statSync(join(dir, name), { bigint: true, throwIfNoEntry: false });
      return stats !== undefined && String(stats.ino) === ino && String(stats.birthtimeNs) === birth;
    });
  } catch {
    return true;
  }
}

/** Reads a stretch of an open file; shorter where the file ends. */
export function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(fd, buffer, filled, length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}

const digest = (bytes: Buffer): string => hash("sha256", bytes, "hex").slice(0, 32);

/** The fingerprint of bytes that end at an offset; without one they are the beginning. */
export const fingerprintOf = (bytes: Buffer, end = bytes.length): Fingerprint => ({
  end,
  length: bytes.length,
  hash: digest(bytes),
});

/** Hashes the beginning of a file, at most `end` bytes of it. */
export function headOf(fd: number, end: number): Fingerprint {
  return fingerprintOf(readAt(fd, 0, Math.min(headBytes, end)));
}

/** Whether the file still has this stretch. */
export function holds(fd: number, { end, length, hash: wanted }: Fingerprint): boolean {
  if (length === 0) return true;
  const bytes = readAt(fd, end - length, length);
  return bytes.length === length && digest(bytes) === wanted;
}
