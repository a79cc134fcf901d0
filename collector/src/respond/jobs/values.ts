import { type Lookup, type Value, valueAt } from "../expression/index.ts";

/** What steps of a scope know: their outputs, those around them, and the element of the loop they are in. */
export class Values {
  readonly #known = new Map<string, Value>();
  readonly #above: Values | undefined;

  constructor(known: Readonly<Record<string, Value>>, above?: Values) {
    for (const [name, value] of Object.entries(known)) this.#known.set(name, value);
    this.#above = above;
  }

  set(name: string, value: Value): void {
    this.#known.set(name, value);
  }

  /** All outputs of this scope. */
  all(): Record<string, Value> {
    return Object.fromEntries(this.#known);
  }

  readonly lookup: Lookup = (path) => {
    const [name = "", ...rest] = path;
    for (let at: Values | undefined = this; at; at = at.#above) {
      const value = at.#known.get(name);
      if (value === undefined) continue;
      const found = valueAt(value, rest);
      // What an action would have given is not known in a dry run; it must not stop there.
      return found === undefined && valueAt(value, ["$dryRun"]) === true ? null : found;
    }
    return undefined;
  };
}
