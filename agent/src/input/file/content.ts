import { closeSync, read, readSync } from "node:fs";
import { descriptors } from "./descriptors.ts";
import { readAt } from "./identity.ts";

/** The bytes of one generation by their offset: a plain file, or what an archive holds uncompressed. */
export interface Content {
  /** Descriptor of the plain file; undefined where the bytes come out of an archive. */
  readonly fd: number | undefined;
  /** A stretch before the place where reading begins. Asked once, for the head and for the bytes just before it. */
  before(offset: number, length: number): Buffer;
  /** Fills the buffer from an offset that never goes back; fewer bytes than fit mean the end. */
  read(buffer: Buffer, offset: number): Promise<number>;
  close(): void;
}

/** A read that takes longer did not come out of the system's memory. */
const slowMs = 5;
/** For so long after one such read others are left to a thread. */
const warmAfterMs = 1_000;

/**
 * A plain file through its descriptor, which is closed with it. Where its file system cannot hang, what the system has in memory is
 * read at once: a thread would take as long again to be asked, and leave the bytes in the cache of another core.
 */
export function plainContent(fd: number, mayHang: boolean): Content {
  descriptors.open++;
  let directAt = mayHang ? Number.POSITIVE_INFINITY : 0;
  return {
    fd,
    before: (offset, length) => readAt(fd, offset, length),
    read: (buffer, offset) =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        if (began < directAt) {
          read(fd, buffer, 0, buffer.length, offset, (error, count) => {
            if (error) reject(error);
            else resolve(count);
          });
          return;
        }
        const count = readSync(fd, buffer, 0, buffer.length, offset);
        const ended = performance.now();
        if (ended - began > slowMs) directAt = ended + warmAfterMs;
        // Others have their turn before the lines are handed on.
        setImmediate(resolve, count);
      }),
    close: () => {
      descriptors.open--;
      closeSync(fd);
    },
  };
}
