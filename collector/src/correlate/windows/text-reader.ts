import { defaultTenant } from "@vedette/sdk";
import { Hash64 } from "../hash.ts";
import { PathReader } from "../path-reader.ts";
import { type ValueAt, valueAt } from "./values.ts";
import type { Hit } from "./way.ts";

/** Reads a value of what a member found as a hash of its text, which is the same whether an event is a row of a batch or an object. */
export class TextReader {
  readonly #at: ValueAt;
  readonly #paths: readonly PathReader[];

  constructor(at: ValueAt) {
    this.#at = at;
    const paths = typeof at === "number" ? [] : typeof at === "string" ? [at] : at;
    this.#paths = paths.map((path) => new PathReader(path));
  }

  /** Whether there is a value; `out` is its hash then. */
  read(hit: Hit, inner: readonly string[], out: Hash64): boolean {
    const { columns } = hit;
    if (columns) {
      const { row } = hit;
      let all = this.#paths.length > 0;
      for (let at = 0; at < this.#paths.length; at++) {
        const found = this.#paths[at]!.read(columns, row!, out);
        if (found > 0) return true;
        if (found < 0) {
          all = false;
          break;
        }
      }
      if (all) return false;
    }
    const text = valueAt(this.#at, hit.doc, inner);
    if (text === undefined) return false;
    out.ofText(text);
    return true;
  }

  leave(): void {
    for (const each of this.#paths) each.leave();
  }
}

const scratch = new Hash64();
const home = new Hash64();
home.ofText(defaultTenant.id);

/** Reads several values of what a member found as one hash. */
export class RowReader {
  readonly #values: readonly TextReader[];

  constructor(values: readonly ValueAt[]) {
    this.#values = values.map((at) => new TextReader(at));
  }

  /** Whether all values are there; `out` stands for all of them then. */
  read(hit: Hit, inner: readonly string[], out: Hash64): boolean {
    out.begin(this.#values.length);
    return this.goOn(hit, inner, out);
  }

  /** As `read`, behind what `out` stands for already. */
  goOn(hit: Hit, inner: readonly string[], out: Hash64): boolean {
    for (let at = 0; at < this.#values.length; at++) {
      if (!this.#values[at]!.read(hit, inner, scratch)) return false;
      out.add(scratch.low, scratch.high);
    }
    return true;
  }

  leave(): void {
    for (const each of this.#values) each.leave();
  }
}

/** Reads the group of an event: its tenant, and the values that a member's events are grouped by. */
export class GroupReader {
  readonly #tenant: TextReader;
  readonly #values: RowReader | undefined;
  readonly #number: number;

  /** `number` is the correlation's: groups of several do not meet. `tenant` is shared by all. */
  constructor(number: number, tenant: TextReader, group: readonly ValueAt[]) {
    this.#number = number;
    this.#tenant = tenant;
    this.#values = group.length > 0 ? new RowReader(group) : undefined;
  }

  /** Whether all values are there; `out` stands for the group then. */
  read(hit: Hit, inner: readonly string[], out: Hash64): boolean {
    out.begin(this.#number);
    const { low, high } = this.#tenant.read(hit, inner, scratch) ? scratch : home;
    out.add(low, high);
    return this.#values?.goOn(hit, inner, out) ?? true;
  }

  leave(): void {
    this.#values?.leave();
  }
}
