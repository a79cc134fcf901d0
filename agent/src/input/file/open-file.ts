import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { type Inode, inodeOf, readAt } from "./identity.ts";

/** A file that is open, as it was then. */
export interface OpenFile {
  readonly fd: number;
  readonly inode: Inode;
  readonly size: number;
}

/** Opens without waiting for a FIFO's writer. Throws an error with code ENOTREG for what is not a plain file. */
export function openFile(path: string): OpenFile {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (!stats.isFile()) throw Object.assign(new Error(`${path} is not a plain file.`), { code: "ENOTREG" });
    return { fd, inode: inodeOf(stats), size: Number(stats.size) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Start of the last line, so that `startAt: end` never begins inside one. */
export function lastLineStart({ fd, size }: OpenFile, maxLineBytes: number): number {
  const length = Math.min(size, maxLineBytes);
  const newline = readAt(fd, size - length, length).lastIndexOf(10);
  return newline < 0 ? size : size - length + newline + 1;
}
