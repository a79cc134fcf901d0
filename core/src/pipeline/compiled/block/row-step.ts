import type { BlockSlot } from "../../../kernels/index.ts";
import type { Draft } from "../../draft.ts";
import { compileWrite, type JsonObject } from "../../paths/index.ts";
import type { RunStep } from "../../steps/index.ts";
import { type BlockSpace, kind } from "./space.ts";
import type { BlockStep } from "./steps.ts";

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
      const presence = space.presence(name);
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
  readonly #source: readonly string[];
  readonly #slots = new Map<string, BlockSlot | undefined>();
  readonly #fields = new Map<string, Map<string, BlockSlot | undefined>>();

  constructor(space: BlockSpace, source: readonly string[]) {
    this.#space = space;
    this.#source = source;
  }

  /** False where no slot holds one of the values. `text` is the source's and begins at `base`. */
  take(row: number, root: JsonObject, text: string, base: number): boolean {
    const [first, second] = this.#source;
    let hint = 0;
    const put = (slot: BlockSlot | undefined, value: unknown): boolean => {
      if (!slot) return false;
      const { kinds, places, numbers } = slot;
      if (typeof value === "string") {
        let at = text.indexOf(value, hint);
        if (at < 0 && hint > 0) at = text.indexOf(value);
        if (at >= 0) {
          hint = at + value.length;
          places[row * 2] = base + at;
          places[row * 2 + 1] = base + at + value.length;
        } else {
          const made = this.#space.made(value);
          if (!made) return false;
          places[row * 2] = made.from;
          places[row * 2 + 1] = made.to;
        }
        kinds[row] = kind.text;
        return true;
      }
      if (typeof value === "number" && Number.isFinite(value)) {
        kinds[row] = kind.number;
        numbers[row] = value;
        return true;
      }
      if (typeof value !== "boolean") return false;
      kinds[row] = kind.boolean;
      places[row * 2] = value ? 1 : 0;
      places[row * 2 + 1] = 0;
      return true;
    };
    for (const name in root) {
      const item = root[name];
      // What the step did not touch is there already.
      if (name === "@timestamp" || (second === undefined && name === first && item === text)) continue;
      if (typeof item !== "object" || item === null) {
        if (!put(this.#slotOf(name), item)) return false;
        continue;
      }
      if (Array.isArray(item)) return false;
      for (const key in item) {
        const value = (item as JsonObject)[key];
        if (name === first && key === second && value === text) continue;
        if (!put(this.#fieldOf(name, key), value)) return false;
      }
    }
    return true;
  }

  #slotOf(name: string): BlockSlot | undefined {
    if (!this.#slots.has(name)) this.#slots.set(name, this.#space.at([name]));
    return this.#slots.get(name);
  }

  #fieldOf(name: string, key: string): BlockSlot | undefined {
    if (name === "log") return this.#space.named(key);
    const fields = this.#fields.get(name) ?? new Map<string, BlockSlot | undefined>();
    this.#fields.set(name, fields);
    if (!fields.has(key)) fields.set(key, this.#space.at([name, key]));
    return fields.get(key);
  }
}
