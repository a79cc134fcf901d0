import { close, constants, fdatasync, ftruncate, open as openFile, writev } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { WarmReads } from "../warm-reads.ts";

/** An open file. Offsets and lengths in bytes; every call rejects with the system's error. */
export interface DiskFile {
  /** Writes pieces behind each other from an offset on, all of them, or rejects with an unknown part of them written. */
  write(pieces: readonly Uint8Array[], at: number): Promise<void>;
  /** Reads into memory up to its length; gives how many bytes, fewer only at the end of the file. */
  read(at: number, memory: Uint8Array): Promise<number>;
  /** Returns after data and size are on the medium (fdatasync). */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** The few file operations that durability is built from, so that tests can cut the power between any two. */
export interface Disk {
  makeDir(path: string): Promise<void>;
  /** Names in a folder; empty where it does not exist. */
  list(path: string): Promise<string[]>;
  /**
   * Opens for reading and writing, creating the file where it is missing. With `synced` each write returns after data and size are
   * on the medium.
   */
  open(path: string, synced?: boolean): Promise<DiskFile>;
  /** The whole file; undefined where it does not exist. */
  readFile(path: string): Promise<Buffer | undefined>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder survive a power loss. */
  syncDir(path: string): Promise<void>;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

type Done = (error: NodeJS.ErrnoException | null) => void;

/** A promise of what calls back. Promises of `node:fs` itself cost several times as much, and a turn more. */
const promised = (work: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));

class NodeFile implements DiskFile {
  readonly #fd: number;
  readonly #reads: WarmReads;

  constructor(fd: number) {
    this.#fd = fd;
    this.#reads = new WarmReads(fd, false);
  }

  write(pieces: readonly Uint8Array[], at: number): Promise<void> {
    return promised((done) => writeAll(this.#fd, pieces, at, done));
  }

  async read(at: number, memory: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < memory.length) {
      const count = await this.#reads.read(memory.subarray(filled), at + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  sync(): Promise<void> {
    return promised((done) => fdatasync(this.#fd, done));
  }

  truncate(size: number): Promise<void> {
    return promised((done) => ftruncate(this.#fd, size, done));
  }

  close(): Promise<void> {
    return promised((done) => close(this.#fd, done));
  }
}

function writeAll(fd: number, pieces: readonly Uint8Array[], at: number, done: Done): void {
  writev(fd, pieces, at, (error, written) => {
    const rest = error ? [] : behind(pieces, written);
    if (rest.length === 0) done(error);
    else writeAll(fd, rest, at + written, done);
  });
}

/** What is left of pieces behind so many bytes. */
function behind(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - rest.length;
    return rest.length > 0 ? [rest] : [];
  });
}

/** The real file system. Folders are created with mode 0700, files with 0600. */
export const nodeDisk: Disk = {
  makeDir: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: (path) =>
    readdir(path).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    }),
  open: (path, synced = false) =>
    new Promise((resolve, reject) => {
      const flags = constants.O_RDWR | constants.O_CREAT | (synced ? constants.O_DSYNC : 0);
      openFile(path, flags, 0o600, (error, fd) => (error ? reject(error) : resolve(new NodeFile(fd))));
    }),
  readFile: (path) =>
    readFile(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    }),
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDir: async (path) => {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** Puts new content in the place of a file: after a crash at any moment it holds the old bytes or the new, whole. */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary);
  try {
    await file.truncate(0);
    await file.write([bytes], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncDir(dirname(path));
}
