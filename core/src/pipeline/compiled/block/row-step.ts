import type { BlockSlot } from "../../../kernels/index.ts";
import { isEmpty } from "../../coerce.ts";
import type { Draft } from "../../draft.ts";
import { compileWrite, type JsonObject } from "../../paths/index.ts";
import type { RunStep } from "../../steps/index.ts";
import { putValue } from "./peek.ts";
import { type BlockSpace, kind } from "./space.ts";
import type { BlockStep } from "./steps.ts";

/** Deepest fields that are looked for. */
const mostDepth = 8;

/** What a step that runs row by row may touch. */
export interface RowStepPlaces {
  /** The field that it reads. It reads no other one, but when the log was read. */
  readonly source: readonly string[];
  /** Fields that it may write, beside those of `log` that a line names. */
  readonly writes: readonly (readonly string[])[];
  /** True where a line may name any field of `log`. */
  readonly named: boolean;
}

/** A step that runs row by row. */
export interface RowStep extends BlockStep {
  readonly source: BlockSlot;
  /** Runs for one row; `missed` is a mask in which only a row that finds nothing to do is noted. */
  one(row: number, missed: number): void;
  /** The same where another reading has given up, which may have written to the source: it lies from `from` up to `to`. */
  again(row: number, from: number, to: number, missed: number): void;
}

/**
 * A step without a kernel inside a block: it runs for each row of its mask on a small draft, and what it wrote goes to slots. A text
 * that stands in the source lies there, any other is laid down for the block. What no slot holds, and every fault, opens the row.
 */
export function rowStep(space: BlockSpace, run: RunStep, places: RowStepPlaces): RowStep | undefined {
  const source = space.at(places.source);
  const writes = places.writes.flatMap((path) => space.at(path) ?? []);
  if (!source || writes.length !== places.writes.length) return undefined;
  const values = new RowValues(space, places.source);
  const lend = compileWrite(places.source);
  const { memory } = space.kernel;
  const one = (row: number, missed: number): void => {
    if (source.kinds[row] !== kind.text) {
      space.openRow(row);
      return;
    }
    const from = source.places[row * 2]!;
    const text = space.text(from, source.places[row * 2 + 1]!);
    const root: JsonObject = { "@timestamp": space.timestamp };
    lend(root, text);
    const draft: Draft = { root, errors: [], dropped: false };
    try {
      if (run(draft) === "missed") {
        memory[missed + row] = 1;
        return;
      }
    } catch {
      // The plain program says what is wrong.
      space.openRow(row);
      return;
    }
    if (!values.take(row, root, text, from)) space.openRow(row);
    for (const name in root) {
      const presence = space.there.of(name);
      if (presence) memory[presence.mask + row] = 1;
    }
  };
  return {
    writes: [source, ...writes, ...(places.named ? space.below("log") : [])],
    run: (mask, missed) => {
      for (let row = 0; row < space.count; row++) {
        memory[missed + row] = 0;
        if (memory[mask + row] !== 0) one(row, missed);
      }
    },
    source,
    one,
    again: (row, from, to, missed) => {
      source.kinds[row] = kind.text;
      source.places[row * 2] = from;
      source.places[row * 2 + 1] = to;
      one(row, missed);
    },
  };
}

/** Puts what a step wrote into an object into the slots of a row. */
export class RowValues {
  readonly #space: BlockSpace;
  readonly #source: string;
  readonly #slots = new Map<string, BlockSlot | undefined>();
  #text = "";
  #base = 0;
  #hint = 0;

  constructor(space: BlockSpace, source: readonly string[]) {
    this.#space = space;
    this.#source = source.join(".");
  }

  /** False where no slot holds one of the values. `text` is the source's and begins at `base`. */
  take(row: number, root: JsonObject, text: string, base: number): boolean {
    this.#text = text;
    this.#base = base;
    this.#hint = 0;
    for (const name in root)
      if (name !== "@timestamp" && !this.#takeItem(row, name, root[name], 1)) return false;
    return true;
  }

  #takeItem(row: number, path: string, item: unknown, depth: number): boolean {
    if (typeof item === "object" && item !== null) {
      if (Array.isArray(item)) return this.#putList(row, path, item);
      if (depth > mostDepth) return false;
      for (const key in item) {
        const value = (item as JsonObject)[key];
        if (!this.#takeItem(row, `${path}.${key}`, value, depth + 1)) return false;
      }
      // Of an object without fields no slot says that it is there.
      return depth === 1 || !isEmpty(item);
    }
    // What the step did not touch is there already.
    return (path === this.#source && item === this.#text) || this.#put(row, this.#slotOf(path), item);
  }

  /** Where slots hold values as JSON has them. */
  #putList(row: number, path: string, list: readonly unknown[]): boolean {
    const slot = this.#space.hasTrees ? this.#slotOf(path) : undefined;
    return slot !== undefined && putValue(this.#space, slot, row, list);
  }

  #put(row: number, slot: BlockSlot | undefined, value: unknown): boolean {
    if (!slot) return false;
    const { kinds, places } = slot;
    if (typeof value === "string") {
      let at = this.#text.indexOf(value, this.#hint);
      if (at < 0 && this.#hint > 0) at = this.#text.indexOf(value);
      if (at >= 0) {
        this.#hint = at + value.length;
        places[row * 2] = this.#base + at;
        places[row * 2 + 1] = this.#base + at + value.length;
      } else {
        const made = this.#space.texts.made(value);
        if (!made) return false;
        places[row * 2] = made.from;
        places[row * 2 + 1] = made.to;
      }
      kinds[row] = kind.text;
      return true;
    }
    if (typeof value === "object") return false;
    return putValue(this.#space, slot, row, value);
  }

  #slotOf(path: string): BlockSlot | undefined {
    const known = this.#slots.get(path);
    if (known) return known;
    const keys = path.split(".");
    const slot = keys.length === 2 && keys[0] === "log" ? this.#space.named(keys[1]!) : this.#space.at(keys);
    if (slot) this.#slots.set(path, slot);
    return slot;
  }
}
