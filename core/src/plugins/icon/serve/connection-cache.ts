import { createHash } from "node:crypto";
import type { JsonMap } from "../run/envelope.ts";
import { sortedKeys } from "../sorted-keys.ts";

interface Held<Client> {
  readonly client: Promise<Client>;
}

/**
 * Opens a connection once for its parameters and shares it. The key is `connection_cache_key` of the parameters where that
 * is given, else a hash of them all; the least used one goes when there are too many.
 */
export class ConnectionCache<Client> {
  readonly #max: number;
  readonly #open: (parameters: JsonMap) => Promise<Client>;
  readonly #close: (client: Client) => Promise<void>;
  readonly #held = new Map<string, Held<Client>>();

  constructor(
    max: number,
    open: (parameters: JsonMap) => Promise<Client>,
    close: (client: Client) => Promise<void>,
  ) {
    this.#max = max;
    this.#open = open;
    this.#close = close;
  }

  /** The client for these parameters. One that could not be opened is tried again by the next. */
  get(parameters: JsonMap): Promise<Client> {
    const key = keyOf(parameters);
    const known = this.#held.get(key);
    this.#held.delete(key);
    const held = known ?? { client: this.#open(parameters) };
    this.#held.set(key, held);
    if (!known) held.client.catch(() => this.#held.get(key) === held && this.#held.delete(key));
    for (const [oldest, { client }] of this.#held) {
      if (this.#held.size <= this.#max) break;
      this.#held.delete(oldest);
      void client.then(this.#close).catch(() => {});
    }
    return held.client;
  }

  async close(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.allSettled(all.map(async ({ client }) => this.#close(await client)));
  }
}

function keyOf(parameters: JsonMap): string {
  const given = parameters["connection_cache_key"];
  // Hashed as well, and apart from the others: a given key must not meet a hash.
  const text =
    typeof given === "string" && given !== "" ? `key ${given}` : JSON.stringify(sortedKeys(parameters));
  return createHash("sha256").update(text).digest("hex");
}
