import { AddressSetBuilder } from "./address-set.ts";
import { TextSetBuilder } from "./text-set.ts";
import type { Value } from "./value.ts";

/** How many parts of a name are taken off, one after the other, to look for a domain above it. */
const maxLabels = 10;

/** Collects the entries of a list. */
export class ListBuilder {
  readonly #v4 = new AddressSetBuilder(1);
  readonly #v6 = new AddressSetBuilder(4);
  readonly #hashes = new TextSetBuilder();
  readonly #domains = new TextSetBuilder();

  /** `expires` is in seconds since 1970, 0 for never. */
  add(value: Value, expires: number): void {
    if (value.kind === "hash") this.#hashes.add(value.bytes, expires);
    else if (value.kind === "domain") this.#domains.add(value.bytes, expires);
    else (value.address.length === 4 ? this.#v4 : this.#v6).add(value.address, value.prefix, expires);
  }

  done(): List {
    return new List(this.#v4.done(), this.#v6.done(), this.#hashes.done(), this.#domains.done());
  }
}

type Addresses = ReturnType<AddressSetBuilder["done"]>;
type Texts = ReturnType<TextSetBuilder["done"]>;

/** The entries of one list, in typed arrays. Never changes: a new version is a new list. */
export class List {
  readonly #v4: Addresses;
  readonly #v6: Addresses;
  readonly #hashes: Texts;
  readonly #domains: Texts;

  constructor(v4: Addresses, v6: Addresses, hashes: Texts, domains: Texts) {
    this.#v4 = v4;
    this.#v6 = v6;
    this.#hashes = hashes;
    this.#domains = domains;
  }

  /** Entries by kind. What stands in a list twice counts once, but networks. */
  get sizes(): { readonly networks: number; readonly hashes: number; readonly domains: number } {
    return {
      networks: this.#v4.size + this.#v6.size,
      hashes: this.#hashes.size,
      domains: this.#domains.size,
    };
  }

  /** Memory of the entries. */
  get bytes(): number {
    return this.#v4.bytes + this.#v6.bytes + this.#hashes.bytes + this.#domains.bytes;
  }

  /**
   * Whether an address lies in a network of the list, a hash is in it, or a domain or one above it. `now` is in seconds
   * since 1970.
   */
  has(value: Value, now: number): boolean {
    if (value.kind === "hash") return this.#hashes.has(value.bytes, 0, value.bytes.length, now);
    if (value.kind === "domain") return this.#hasDomain(value.bytes, now);
    return (value.address.length === 4 ? this.#v4 : this.#v6).has(value.address, now);
  }

  #hasDomain(bytes: Uint8Array, now: number): boolean {
    let from = 0;
    for (let label = 0; label < maxLabels; label++) {
      if (this.#domains.has(bytes, from, bytes.length, now)) return true;
      const dot = bytes.indexOf(46, from);
      if (dot < 0) return false;
      from = dot + 1;
    }
    return false;
  }
}

/** A list without entries. */
export const emptyList = (): List => new ListBuilder().done();
