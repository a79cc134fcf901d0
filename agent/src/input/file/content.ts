import { closeSync, read } from "node:fs";
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

/** A plain file through its descriptor, which is closed with it. */
export function plainContent(fd: number): Content {
  descriptors.open++;
  return {
    fd,
    before: (offset, length) => readAt(fd, offset, length),
    read: (buffer, offset) =>
      new Promise((resolve, reject) => {
        read(fd, buffer, 0, buffer.length, offset, (error, count) => {
          if (error) reject(error);
          else resolve(count);
        });
      }),
    close: () => {
      descriptors.open--;
      closeSync(fd);
    },
  };
}
