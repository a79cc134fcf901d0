import { VedetteError } from "@vedette/sdk";
import { z } from "zod";

/** Bytes of one record before compression; only a single larger match makes a larger one. */
export const targetBytes = 512 * 1_024;

/** What the first line of each record says. The names are what its matches point to. */
export const head = z.object({
  v: z.int(),
  partitions: z.int().min(1),
  names: z.array(z.string()).max(100_000),
});

/** Names by number, in the order of their coming. */
export class Names {
  readonly #numbers = new Map<string, number>();

  get all(): string[] {
    return [...this.#numbers.keys()];
  }

  numbers(list: readonly string[]): number[] {
    return list.map((name) => {
      const known = this.#numbers.get(name);
      if (known !== undefined) return known;
      this.#numbers.set(name, this.#numbers.size);
      return this.#numbers.size - 1;
    });
  }
}

/** The names of some numbers. Throws a RangeError where there is none. */
export const named = (numbers: readonly number[], names: readonly string[]): string[] =>
  numbers.map((number) => {
    const name = names[number];
    if (name === undefined) throw new RangeError(`there is no name ${number}`);
    return name;
  });

/** Of a record that a later version made. It waits, for nothing of it may be passed over: this collector is to be updated. */
export const newer = (what: string, known: number): VedetteError =>
  new VedetteError(
    "batch.newer_schema",
    `A record of matches has ${what}, this collector knows ${known}. Update this collector.`,
    { verdict: "retry", afterMs: 10_000 },
  );
