import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JsonMap } from "../run/envelope.ts";

/** Keeps small maps by key across restarts. */
export interface StateStore {
  /** Undefined where nothing was saved, or where it cannot be read any more. */
  load(key: string): Promise<JsonMap | undefined>;
  /** Resolves when it is on disk; a crash in between leaves the old value whole. */
  save(key: string, value: JsonMap): Promise<void>;
}

/** A file for each key, in a folder that is made when it is needed. */
export class FileStateStore implements StateStore {
  readonly #dir: string;
  readonly #damaged: (file: string) => void;

  /** `damaged` is told of a file that is no JSON; it is set aside as `<file>.damaged`. */
  constructor(dir: string, damaged: (file: string) => void = () => {}) {
    this.#dir = dir;
    this.#damaged = damaged;
  }

  async load(key: string): Promise<JsonMap | undefined> {
    const path = this.#path(key);
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonMap;
    } catch {
      // Told below.
    }
    await rename(path, `${path}.damaged`);
    this.#damaged(path);
    return undefined;
  }

  async save(key: string, value: JsonMap): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await replaceFile(this.#path(key), JSON.stringify(value));
  }

  #path(key: string): string {
    const plain = /^[a-z0-9][a-z0-9_.-]{0,99}$/.test(key);
    return join(this.#dir, `${plain ? key : createHash("sha256").update(key).digest("hex")}.json`);
  }
}

/** Puts new content in the place of a file: after a crash at any moment it holds the old text or the new, whole. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const dir = await open(dirname(path), "r");
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}
