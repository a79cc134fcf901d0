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

/**
 * Reads the values of an event at some paths, and its tenant, as one hash: what events are filed and looked for by. It is made of the
 * bytes of a batch where these are texts, each value of a dictionary once, and once for all who ask for the same row.
 */
export class KeyReader {
  readonly #paths: readonly string[];
  readonly #readers: readonly PathReader[];
  readonly #tenantReader = new PathReader(tenantPath);
  readonly #values: readonly Hash64[];
  readonly #tenant = new Hash64();
  readonly #all = new Hash64();
  /** Whose values `#all` stands for: it was read from columns alone. */
  #columns: Columns | undefined;
  #row = -1;
  /** A batch was read since `leave`, and whoever lets it leave knows of it. */
  active = false;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.#readers = paths.map((path) => new PathReader(path));
    this.#values = paths.map(() => new Hash64());
  }

  /** Makes `out` the key that an event is looked for by, of the owner of a number. Gives the first path that has no single value instead. */
  sought(event: Readable, owner: number, out: Hash64): string | undefined {
    if (!this.#isRead(event)) {
      for (let at = 0; at < this.#paths.length; at++) {
        if (this.#read(at, event)) continue;
        const value = termOf(event.doc.get(this.#paths[at]!));
        if (value === undefined) return this.#paths[at]!;
        this.#values[at]!.ofText(value);
      }
      this.#join(event);
    }
    this.#own(owner, out);
    return undefined;
  }

  /** Calls `use` with each key that an event is to be filed under, one for each combination of its values; the hash is void afterwards. */
  filed(event: Readable, owner: number, out: Hash64, use: (key: Hash64) => void): void {
    if (!this.#isRead(event)) {
      const lists: { readonly at: number; readonly terms: readonly string[] }[] = [];
      for (let at = 0; at < this.#paths.length; at++) {
        if (this.#read(at, event)) continue;
        const terms = [...new Set(termsOf(event.doc.get(this.#paths[at]!)))];
        if (terms.length === 0) return;
        if (terms.length > 1) lists.push({ at, terms });
        else this.#values[at]!.ofText(terms[0]!);
      }
      if (lists.length > 0) {
        this.#combine(lists, event, owner, out, use);
        return;
      }
      this.#join(event);
    }
    this.#own(owner, out);
    use(out);
  }

  #combine(
    lists: readonly { readonly at: number; readonly terms: readonly string[] }[],
    event: Readable,
    owner: number,
    out: Hash64,
    use: (key: Hash64) => void,
  ): void {
    let combinations: string[][] = [[]];
    for (const { terms } of lists) {
      combinations = combinations.flatMap((values) => terms.map((term) => [...values, term]));
      if (combinations.length > maxKeys) combinations.length = maxKeys;
    }
    for (const values of combinations) {
      for (const [i, { at }] of lists.entries()) this.#values[at]!.ofText(values[i]!);
      this.#join(event);
      this.#own(owner, out);
      use(out);
    }
    this.#columns = undefined;
  }

  #isRead({ columns, row }: Readable): boolean {
    if (columns && columns === this.#columns && row === this.#row) return true;
    this.#columns = columns;
    this.#row = row ?? -1;
    return false;
  }

  /** Whether the value of a path could be read from columns. */
  #read(at: number, { columns, row }: Readable): boolean {
    const found = columns ? this.#readers[at]!.read(columns, row!, this.#values[at]!) > 0 : false;
    // An object's values, lists among them, are read anew each time.
    if (!found) this.#columns = undefined;
    return found;
  }

  #join(event: Readable): void {
    const all = this.#all;
    const { low, high } = this.#readTenant(event) ? this.#tenant : home;
    all.begin(this.#paths.length);
    all.add(low, high);
    for (let at = 0; at < this.#values.length; at++) all.add(this.#values[at]!.low, this.#values[at]!.high);
  }

  #own(owner: number, out: Hash64): void {
    out.begin(owner);
    out.add(this.#all.low, this.#all.high);
  }

  /** Events without a tenant are the default one's. */
  #readTenant({ doc, columns, row }: Readable): boolean {
    if (columns) {
      const read = this.#tenantReader.read(columns, row!, this.#tenant);
      if (read >= 0) return read > 0;
    }
    const value = doc.get(tenantPath);
    if (typeof value !== "string" || value === "") return false;
    this.#tenant.ofText(value);
    return true;
  }

  /** Lets go of the batch that was read last. */
  leave(): void {
    this.active = false;
    this.#columns = undefined;
    this.#tenantReader.leave();
    for (const each of this.#readers) each.leave();
  }
}
