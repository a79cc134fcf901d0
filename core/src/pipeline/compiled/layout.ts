import { reservedKeys } from "@vedette/sdk";

/** What a slot may hold, as bits. A `slice` is a text that lies in the bytes of the line and is no JavaScript string yet. */
export const kinds = { absent: 1, text: 2, number: 4, boolean: 8, other: 16, slice: 32 } as const;
/** Null, objects and lists included; every value that is not a slice. */
export const anything = 31;

/** A value of the draft that has a variable of its own: a top-level field, or a field of a top-level object. */
export interface Slot {
  /** Its variable in the generated source. */
  readonly name: string;
  readonly path: readonly [string] | readonly [string, string];
  /** What it may hold at the place of the source that is being written. */
  types: number;
  /** True when a step may write it. */
  written: boolean;
  /**
   * True when it may ever be a slice: then the variable is `slice` and the ends are in the variables with `a` and `b`
   * behind its name, the text once it was made in the one with `t`; the function with `r` gives its value.
   */
  sliced: boolean;
}

/** Where a path leads: a slot, and what is read or written below its value. */
export interface Place {
  readonly slot: Slot;
  readonly below: readonly string[];
}

/** Fields that every draft begins with. */
export const given: ReadonlySet<string> = new Set([
  "id",
  "dataType",
  "dataSource",
  "@timestamp",
  "tenantId",
  "raw",
]);

/** The keys behind the first one of a path, up to where another path, or this one, ends. */
function wholeOf(path: readonly string[], ends: ReadonlySet<string>): string {
  let key = path.slice(0, 2).join(".");
  let at = 2;
  while (at < path.length && !ends.has(key)) key += `.${path[at++]}`;
  return path.slice(1, at).join(".");
}

/**
 * Gives every path that a pipeline names a slot. A top-level field that is only named with a field below it is split
 * into those fields; one that is also named whole keeps its object in one slot.
 */
export class Layout {
  readonly slots: Slot[] = [];
  readonly #whole = new Map<string, Slot>();
  readonly #split = new Map<string, Map<string, Slot>>();
  readonly #presence = new Map<string, string>();

  /**
   * `named`: logs may name fields of `log` themselves, so it is split even where no step names one. `asked`: top-level
   * fields of which conditions only ask whether they are there. `exact`: an empty object is told from none everywhere.
   * `deep`: objects below are split too, so that a path has a slot of its own up to the first part that is named whole; the
   * second part of its path is all keys behind the first then, with dots. Objects of `asked` may lie below too then.
   */
  constructor(
    paths: Iterable<readonly string[]>,
    named: boolean,
    asked: Iterable<string>,
    exact: boolean,
    deep = false,
  ) {
    const all = [...paths];
    const ends = new Set(deep ? all.map((path) => path.join(".")) : []);
    const whole = new Set<string>(given);
    for (const path of all) if (path.length === 1) whole.add(path[0]!);
    for (const path of all) {
      const [first = ""] = path;
      if (whole.has(first)) {
        if (!this.#whole.has(first)) this.#whole.set(first, this.#slot([first]));
        continue;
      }
      const second = deep ? wholeOf(path, ends) : (path[1] ?? "");
      const fields = this.#split.get(first) ?? new Map<string, Slot>();
      this.#split.set(first, fields);
      if (!fields.has(second)) fields.set(second, this.#slot([first, second]));
    }
    if (named && !whole.has("log") && !this.#split.has("log")) this.#split.set("log", new Map());
    for (const name of exact ? new Set([...asked, ...this.#split.keys()]) : asked) {
      if (this.#split.has(name) || name.includes(".")) this.#presence.set(name, `p${this.#presence.size}`);
      else if (!this.#whole.has(name)) this.#whole.set(name, this.#slot([name]));
    }
  }

  #slot(path: Slot["path"]): Slot {
    const known = given.has(path[0]);
    const sliced = path[0] === "raw";
    const types = sliced ? kinds.text | kinds.slice : known ? kinds.text : kinds.absent;
    const slot = { name: `s${this.slots.length}`, path, types, written: false, sliced };
    this.slots.push(slot);
    return slot;
  }

  /** The place of a path that was given to the constructor. */
  place(path: readonly string[]): Place {
    const place = this.find(path);
    if (!place) throw new Error(`The path "${path.join(".")}" has no slot.`);
    return place;
  }

  /** The place of any path; undefined where it has none. */
  find(path: readonly string[]): Place | undefined {
    const [first = "", second = ""] = path;
    const whole = this.#whole.get(first);
    if (whole) return { slot: whole, below: path.slice(1) };
    const fields = this.#split.get(first);
    let key = second;
    for (let end = 2; end <= path.length; end++) {
      const slot = fields?.get(key);
      if (slot) return { slot, below: path.slice(end) };
      key += `.${path[end]}`;
    }
    return undefined;
  }

  /** Variables that say whether a split field is there, be it empty, for those of which that is asked. */
  get presence(): ReadonlyMap<string, string> {
    return this.#presence;
  }

  /** Slots of the fields of `log` by name; undefined where it is whole. */
  get log(): ReadonlyMap<string, Slot> | undefined {
    return this.#whole.has("log") ? undefined : (this.#split.get("log") ?? new Map());
  }

  /** Slots of whole top-level fields, by name. */
  get whole(): ReadonlyMap<string, Slot> {
    return this.#whole;
  }

  /** Slots of the fields of split top-level objects. */
  get split(): ReadonlyMap<string, ReadonlyMap<string, Slot>> {
    return this.#split;
  }

  /** Forgets what is known of the values: a step that the compiler does not know has run. */
  forget(): void {
    for (const slot of this.slots) {
      if (slot.path.length === 1 && reservedKeys.has(slot.path[0])) continue;
      // Where the step did not run, slices are what they were.
      slot.types = anything | (slot.types & kinds.slice);
      slot.written = true;
    }
  }
}
