import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Appends lines to a file and renames it to `<file>.1` when it is full, as logrotate does. */
export class RotatingFile {
  readonly path: string;
  readonly #maxBytes: number;
  #handle: FileHandle | undefined;
  #bytes = 0;

  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** Opens or makes the file. Returns when it was last written, 0 for a new one; milliseconds since 1970. */
  async open(): Promise<number> {
    await mkdir(dirname(this.path), { recursive: true });
    this.#handle = await open(this.path, "a");
    const { size, mtimeMs } = await this.#handle.stat();
    this.#bytes = size;
    return size === 0 ? 0 : mtimeMs;
  }

  /** Appends whole lines in one write, so that a reader sees few partial ones. */
  async append(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = `${lines.join("\n")}\n`;
    if (this.#bytes > 0 && this.#bytes + text.length > this.#maxBytes) await this.#rotate();
    await this.#handle?.appendFile(text);
    this.#bytes += Buffer.byteLength(text);
  }

  async #rotate(): Promise<void> {
    await this.close();
    await rename(this.path, `${this.path}.1`);
    await this.open();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
