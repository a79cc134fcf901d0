import type { Doc } from "@vedette/core/pipeline";
import { defaultTenant } from "@vedette/sdk";
import type { Columns } from "./columns.ts";
import { Hash64 } from "./hash.ts";
import { PathReader } from "./path-reader.ts";
import { termOf, termsOf } from "./terms.ts";

/** An event whose values are read. */
export interface Readable {
  readonly doc: Doc;
  /** Of a row of a batch: its columns, and which row it is. */
  readonly columns?: Columns | undefined;
  readonly row?: number | undefined;
}

/** Combinations of values under which one event with lists is filed. */
const maxKeys = 64;

const tenantPath = "tenantId";
const home = new Hash64();
home.ofText(defaultTenant.id);
const tenant = new Hash64();

/**
 * Reads the values of an event by which it is filed or looked for, and its tenant, as one hash. It is made of the bytes of a batch where
 * these are texts, each value of a dictionary once.
 */
export class KeyReader {
  readonly #number: number;
  readonly #paths: readonly string[];
  readonly #readers: readonly PathReader[];
  readonly #tenant = new PathReader(tenantPath);
  readonly #values: Hash64[];
  /** A batch was read since `leave`. */
  active = false;
  /** Whoever lets it leave knows of it. */
  noted = false;

  /** `number` is that of whose keys they are: equal values of two do not meet. */
  constructor(number: number, paths: readonly string[]) {
    this.#number = number;
    this.#paths = paths;
    this.#readers = paths.map((path) => new PathReader(path));
    this.#values = paths.map(() => new Hash64());
  }

  /** Makes `out` the key that an event is looked for by. Gives the first path that has no single value instead. */
  sought(event: Readable, out: Hash64): string | undefined {
    for (let at = 0; at < this.#paths.length; at++) {
      if (this.#read(at, event)) continue;
      const value = termOf(event.doc.get(this.#paths[at]!));
      if (value === undefined) return this.#paths[at]!;
      this.#values[at]!.ofText(value);
    }
    this.#join(event, out);
    return undefined;
  }

  /** Calls `use` with each key that an event is to be filed under, one for each combination of its values; the hash is void afterwards. */
  filed(event: Readable, out: Hash64, use: (key: Hash64) => void): void {
    const lists: { readonly at: number; readonly terms: readonly string[] }[] = [];
    for (let at = 0; at < this.#paths.length; at++) {
      if (this.#read(at, event)) continue;
      const terms = [...new Set(termsOf(event.doc.get(this.#paths[at]!)))];
      if (terms.length === 0) return;
      if (terms.length > 1) lists.push({ at, terms });
      else this.#values[at]!.ofText(terms[0]!);
    }
    if (lists.length === 0) {
      this.#join(event, out);
      use(out);
      return;
    }
    let combinations: string[][] = [[]];
    for (const { terms } of lists) {
      combinations = combinations.flatMap((values) => terms.map((term) => [...values, term]));
      if (combinations.length > maxKeys) combinations.length = maxKeys;
    }
    for (const values of combinations) {
      for (const [i, { at }] of lists.entries()) this.#values[at]!.ofText(values[i]!);
      this.#join(event, out);
      use(out);
    }
  }

  /** Whether the value of a path could be read from columns. */
  #read(at: number, { columns, row }: Readable): boolean {
    if (!columns) return false;
    this.active = true;
    return this.#readers[at]!.read(columns, row!, this.#values[at]!) > 0;
  }

  #join(event: Readable, out: Hash64): void {
    const { low, high } = this.#tenantOf(event) ? tenant : home;
    out.begin(this.#number);
    out.add(low, high);
    for (const value of this.#values) out.add(value.low, value.high);
  }

  /** Events without a tenant are the default one's. */
  #tenantOf({ doc, columns, row }: Readable): boolean {
    if (columns) {
      const read = this.#tenant.read(columns, row!, tenant);
      if (read >= 0) return read > 0;
    }
    const value = doc.get(tenantPath);
    if (typeof value !== "string" || value === "") return false;
    tenant.ofText(value);
    return true;
  }

  /** Lets go of the batch that was read last. */
  leave(): void {
    this.active = false;
    this.#tenant.leave();
    for (const each of this.#readers) each.leave();
  }
}
