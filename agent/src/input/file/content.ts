import { closeSync } from "node:fs";
import { WarmReads } from "../../warm-reads.ts";
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
export function plainContent(fd: number, mayHang: boolean): Content {
  descriptors.open++;
  const reads = new WarmReads(fd, mayHang);
  return {
    fd,
    before: (offset, length) => readAt(fd, offset, length),
    read: async (buffer, offset) => {
      const count = reads.read(buffer, offset);
      if (typeof count !== "number") return count;
      // Others have their turn before the lines are handed on.
      await new Promise(setImmediate);
      return count;
    },
    close: () => {
      descriptors.open--;
      closeSync(fd);
    },
  };
}
