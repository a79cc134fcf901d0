import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { sortedKeys } from "../sorted-keys.ts";
import { replaceFile } from "./state-store.ts";

/**
 * Remembers what a trigger has sent, across restarts. Such plugins know what they have sent only while they run, and start
 * again with what they had sent before. So a repeat is what an earlier run has sent: two equal events of one run
 * are two events.
 */
export class SeenEvents {
  readonly #path: string;
  readonly #max: number;
  /** Of earlier runs, oldest first. */
  readonly #earlier = new Set<string>();
  /** Of this run. */
  readonly #now = new Set<string>();
  #file: FileHandle | undefined;
  #lines = 0;

  /** Remembers the last `max` events. */
  constructor(path: string, max: number) {
    this.#path = path;
    this.#max = max;
  }

  /**
   * Reads what was remembered. Of the event that was handed on last a crash may have kept us from hearing whether it
   * arrived: its number says so, where it is below `durableTo`.
   */
  async open(durableTo?: number): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    // A last line that a crash cut short is no key.
    const lines = text.split("\n").filter((line) => /^[0-9a-f]{32}( \d{1,16})?$/.test(line));
    const number = lines.at(-1)?.split(" ")[1];
    const arrived = number === undefined || Number(number) < (durableTo ?? 0);
    const keys = (arrived ? lines : lines.slice(0, -1)).map((line) => line.slice(0, 32));
    for (const key of keys.slice(-this.#max)) this.#earlier.add(key);
    this.#lines = keys.length;
    if (!arrived || (text !== "" && !text.endsWith("\n"))) await replaceFile(this.#path, linesOf(keys));
    this.#file = await open(this.#path, "a", 0o600);
  }

  /** The plugin starts again: from now on what it has sent would be a repeat. */
  nextRun(): void {
    for (const key of this.#now) {
      this.#earlier.delete(key);
      this.#earlier.add(key);
    }
    this.#now.clear();
    trim(this.#earlier, this.#max);
  }

  isRepeat(key: string): boolean {
    return this.#earlier.has(key) && !this.#now.has(key);
  }

  /** Call it before the event is handed on, with the number that it gets where it goes. One event at a time. */
  async begin(key: string, number: number): Promise<void> {
    await this.#file?.appendFile(`${key} ${number}\n`);
    await this.#file?.datasync();
    this.#lines++;
  }

  /** Call it when the event is durable. */
  async add(key: string): Promise<void> {
    this.#now.add(key);
    trim(this.#now, this.#max);
    if (this.#lines > 2 * this.#max + 1_000) await this.#compact();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.sync().catch(() => {});
    await file?.close();
  }

  async #compact(): Promise<void> {
    const keys = [...this.#earlier, ...this.#now].slice(-this.#max);
    await this.#file?.close();
    await replaceFile(this.#path, linesOf(keys));
    this.#file = await open(this.#path, "a", 0o600);
    this.#lines = keys.length;
  }
}

const linesOf = (keys: readonly string[]): string => keys.map((key) => `${key}\n`).join("");

function trim(set: Set<string>, max: number): void {
  for (const key of set) {
    if (set.size <= max) return;
    set.delete(key);
  }
}

/** The key of an event: of its content, whatever the order of its keys. */
export const keyOf = (output: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(sortedKeys(output)) ?? "")
    .digest("hex")
    .slice(0, 32);
