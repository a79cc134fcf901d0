import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "./errors.ts";

const WRITE_AT = 1 << 20;

/**
 * Opens a directory that only we can enter. False when it is not ours: a link, another user's, or open to others.
 */
function openPrivate(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(directory);
    return lstatSync(directory).isDirectory() && uid === process.getuid?.() && (mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/**
 * Holds the bodies of running inserts as files, because the engine reads binary data from files only.
 * Bounded in bytes; what a killed process left behind is removed at the start.
 */
export class BodySpool {
  readonly directory: string;
  readonly #maxBody: number;
  readonly #maxTotal: number;
  #total = 0;

  /** Uses the first of the directories that is safe to use; the caller lists a memory file system first. */
  constructor(
    directories: readonly string[],
    limits: { readonly maxBodyBytes: number; readonly maxSpoolBytes: number },
  ) {
    const directory = directories.find((each) => !/[*?{}[\]]/.test(each) && openPrivate(each));
    if (directory === undefined)
      throw new Error(`No directory for insert bodies is usable: ${directories.join(", ")}.`);
    this.directory = directory;
    this.#maxBody = limits.maxBodyBytes;
    this.#maxTotal = limits.maxSpoolBytes;
    for (const name of readdirSync(directory))
      rmSync(join(directory, name), { force: true, recursive: true });
  }

  /** Writes a body to a file, lends its path to `use`, and removes it. */
  async lend<T>(
    body: AsyncIterable<Uint8Array>,
    use: (path: string, bytes: number) => Promise<T>,
  ): Promise<T> {
    const path = join(this.directory, randomBytes(16).toString("hex"));
    let bytes = 0;
    try {
      await this.#write(path, body, (length) => {
        bytes += length;
        this.#total += length;
        this.#check(bytes);
      });
      return await use(path, bytes);
    } finally {
      this.#total -= bytes;
      await rm(path, { force: true });
    }
  }

  /** Removes the directory; nothing may be lent any more. */
  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #write(
    path: string,
    body: AsyncIterable<Uint8Array>,
    count: (length: number) => void,
  ): Promise<void> {
    // A cleaner of temporary files may have taken the directory.
    if (!openPrivate(this.directory))
      throw new Error(`The directory ${this.directory} is not private any more.`);
    const file = await open(path, "wx", 0o600);
    try {
      let pending: Uint8Array[] = [];
      let size = 0;
      for await (const piece of body) {
        count(piece.length);
        pending.push(piece);
        size += piece.length;
        if (size >= WRITE_AT) {
          await file.writev(pending);
          pending = [];
          size = 0;
        }
      }
      if (size > 0) await file.writev(pending);
    } finally {
      await file.close();
    }
  }

  #check(bytes: number): void {
    if (bytes > this.#maxBody) {
      throw new EngineError(307, "TOO_MANY_BYTES", `The body is over its limit of ${this.#maxBody} bytes.`);
    }
    if (this.#total > this.#maxTotal) {
      throw new EngineError(
        202,
        "TOO_MANY_SIMULTANEOUS_QUERIES",
        "Too many insert bodies are waiting. Try again later.",
      );
    }
  }
}
