import { Chain, type Link } from "./chain.ts";

interface Node<K, V> extends Link<Node<K, V>> {
  readonly key: K;
  value: V;
}

/**
 * A map of at most `limit` entries; the one that was used least recently leaves first. Values are never undefined.
 * Linked by hand: finding the first key of a JavaScript map walks over all deleted ones, which makes the usual
 * Map-only cache take time in proportion to its size.
 */
export class Lru<K, V extends NonNullable<unknown> | null> {
  readonly #limit: number;
  readonly #nodes = new Map<K, Node<K, V>>();
  readonly #chain = new Chain<Node<K, V>>();
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
    this.#chain.touch(node);
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
      this.#chain.touch(known);
      return;
    }
    const node: Node<K, V> = { key, value, older: undefined, newer: undefined };
    this.#nodes.set(key, node);
    this.#chain.add(node);
    if (this.#nodes.size > this.#limit) {
      this.delete(this.#chain.oldest!.key);
      this.evicted++;
    }
  }

  delete(key: K): boolean {
    const node = this.#nodes.get(key);
    if (!node) return false;
    this.#nodes.delete(key);
    this.#chain.remove(node);
    return true;
  }

  /** All entries, in no order that says anything. */
  *[Symbol.iterator](): Generator<readonly [K, V]> {
    for (const [key, { value }] of this.#nodes) yield [key, value];
  }

  /** The entry that was used least recently. */
  oldest(): { readonly key: K; readonly value: V } | undefined {
    return this.#chain.oldest;
  }

  /** The keys of all values for which a test holds, by search through all entries. */
  keysWhere(test: (value: V) => boolean): K[] {
    return [...this.#nodes.values()].filter(({ value }) => test(value)).map(({ key }) => key);
  }

  /** The key of a value, by search through all entries. */
  keyOf(value: V): K | undefined {
    for (const node of this.#nodes.values()) if (node.value === value) return node.key;
    return undefined;
  }
}
