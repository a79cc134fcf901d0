interface Node<K, V> {
  readonly key: K;
  value: V;
  older: Node<K, V> | undefined;
  newer: Node<K, V> | undefined;
}

/**
 * A map of at most `limit` entries; the one that was used least recently leaves first. Values are never undefined.
 * Linked by hand: finding the first key of a JavaScript map walks over all deleted ones, which makes the usual
 * Map-only cache take time in proportion to its size.
 */
export class Lru<K, V extends NonNullable<unknown> | null> {
  readonly #limit: number;
  readonly #nodes = new Map<K, Node<K, V>>();
  #oldest: Node<K, V> | undefined;
  #newest: Node<K, V> | undefined;
  /** Entries that had to leave so far. */
  evicted = 0;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(key: K): V | undefined {
    const node = this.#nodes.get(key);
    if (!node) return undefined;
    this.#toNewest(node);
    return node.value;
  }

  /** Reads without counting as a use. */
  peek(key: K): V | undefined {
    return this.#nodes.get(key)?.value;
  }

  set(key: K, value: V): void {
    const known = this.#nodes.get(key);
    if (known) {
      known.value = value;
      this.#toNewest(known);
      return;
    }
    const node: Node<K, V> = { key, value, older: this.#newest, newer: undefined };
    this.#nodes.set(key, node);
    if (this.#newest) this.#newest.newer = node;
    this.#newest = node;
    this.#oldest ??= node;
    if (this.#nodes.size > this.#limit) {
      this.delete(this.#oldest.key);
      this.evicted++;
    }
  }

  delete(key: K): boolean {
    const node = this.#nodes.get(key);
    if (!node) return false;
    this.#nodes.delete(key);
    this.#unlink(node);
    return true;
  }

  /** The entry that was used least recently. */
  oldest(): { readonly key: K; readonly value: V } | undefined {
    return this.#oldest;
  }

  /** The key of a value, by search through all entries. */
  keyOf(value: V): K | undefined {
    for (const node of this.#nodes.values()) if (node.value === value) return node.key;
    return undefined;
  }

  #unlink({ older, newer }: Node<K, V>): void {
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
  }

  #toNewest(node: Node<K, V>): void {
    if (node === this.#newest) return;
    this.#unlink(node);
    node.older = this.#newest;
    node.newer = undefined;
    if (this.#newest) this.#newest.newer = node;
    this.#newest = node;
    this.#oldest ??= node;
  }
}
