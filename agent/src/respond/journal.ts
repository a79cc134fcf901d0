import { join } from "node:path";
import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { type Disk, nodeDisk, replaceFile } from "../spool/index.ts";

const stored = z.record(z.string().max(50), z.int().min(0));

/**
 * What is banned and until when, milliseconds since 1970, in `<stateDir>/bans.json`: the kernel forgets it when the host starts
 * anew. What is written is on disk.
 */
export class BanJournal {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #now: () => number;
  readonly #until = new Map<string, number>();
  /** Why what was kept could not be read. */
  problem: string | undefined;

  private constructor(path: string, disk: Disk, now: () => number) {
    this.#path = path;
    this.#disk = disk;
    this.#now = now;
  }

  /** A file that cannot be read counts as empty: the bans in it end by themselves. */
  static async open(stateDir: string, now: () => number, disk: Disk = nodeDisk): Promise<BanJournal> {
    const journal = new BanJournal(join(stateDir, "bans.json"), disk, now);
    try {
      const text = (await disk.readFile(journal.#path))?.toString("utf8") ?? "{}";
      for (const [target, until] of Object.entries(stored.parse(JSON.parse(text))))
        journal.#until.set(target, until);
    } catch (error) {
      journal.problem = messageOf(error);
    }
    return journal;
  }

  /** What has not ended yet, with the time that is left of it. */
  left(): { readonly target: string; readonly seconds: number }[] {
    const now = this.#now();
    return [...this.#until].flatMap(([target, until]) =>
      until > now ? [{ target, seconds: Math.ceil((until - now) / 1_000) }] : [],
    );
  }

  async note(target: string, seconds: number): Promise<void> {
    this.#until.set(target, this.#now() + seconds * 1_000);
    await this.#write();
  }

  async forget(target: string): Promise<void> {
    if (this.#until.delete(target)) await this.#write();
  }

  async #write(): Promise<void> {
    const now = this.#now();
    for (const [target, until] of this.#until) if (until <= now) this.#until.delete(target);
    await replaceFile(this.#disk, this.#path, Buffer.from(JSON.stringify(Object.fromEntries(this.#until))));
  }
}
