import { stat } from "node:fs/promises";
import { type Deps, messageOf } from "@vedette/sdk";
import type { Address } from "./address.ts";
import { Database, type Facts } from "./database.ts";

/** A replaced file counts as whole when it was the same at two looks. */
export const lookEveryMs = 5_000;

/** A database whose file may be replaced at any time. What cannot be read leaves the one before in use. */
export class WatchedDatabase {
  readonly #file: string;
  readonly #deps: Deps;
  #database: Database;
  #used: string;
  #seen: string;
  #timer: NodeJS.Timeout | undefined;
  /** How often a new file was taken into use. */
  edition = 0;
  /** Why the newest file is not in use; undefined where it is. */
  problem: string | undefined;

  private constructor(file: string, database: Database, state: string, deps: Deps) {
    this.#file = file;
    this.#database = database;
    this.#used = state;
    this.#seen = state;
    this.#deps = deps;
  }

  /** Opens a file and looks at it from time to time, until it is closed. Throws `geo.unreadable`. */
  static async open(file: string, deps: Deps): Promise<WatchedDatabase> {
    const state = await stateOf(file);
    const made = new WatchedDatabase(file, await Database.open(file), state, deps);
    made.#timer = setInterval(() => void made.look(), lookEveryMs).unref();
    deps.signal.addEventListener("abort", made.close, { once: true });
    return made;
  }

  get built(): number {
    return this.#database.built;
  }

  get failures(): number {
    return this.#database.failures;
  }

  lookup(address: Address, text: string): Facts | undefined {
    return this.#database.lookup(address, text);
  }

  /** One look. Never rejects. */
  async look(): Promise<void> {
    const state = await stateOf(this.#file);
    const isSettled = state === this.#seen;
    this.#seen = state;
    if (!isSettled || state === this.#used) return;
    this.#used = state;
    try {
      if (state === "") throw new Error("the file is gone.");
      this.#database = await Database.open(this.#file);
      this.problem = undefined;
      this.edition++;
      this.#deps.log.info({ file: this.#file }, "A replaced GeoIP database is in use.");
    } catch (error) {
      this.problem = messageOf(error);
      this.#deps.log.error(
        { file: this.#file, error },
        "A replaced GeoIP database cannot be used; the one before stays.",
      );
    }
  }

  readonly close = (): void => {
    clearInterval(this.#timer);
    this.#deps.signal.removeEventListener("abort", this.close);
  };
}

/** What tells a file from the one before; "" where there is none. */
async function stateOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino, dev } = await stat(file);
    return `${mtimeMs}:${size}:${ino}:${dev}`;
  } catch {
    return "";
  }
}
