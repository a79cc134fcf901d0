import { type BlockSlot, blockBytes } from "../../../kernels/index.ts";
import { type JsonObject, sanitizeName } from "../../paths/index.ts";
import type { BlockSpace } from "./space.ts";

/** Keys of one step that are known, those of objects below included, and the bytes of all of them. */
const mostEntries = 256;
const mostKeyBytes = 8 << 10;
/** Deepest names: objects below are kept as they stand. */
const mostLevels = 8;
const entryBytes = 40;
const entryWords = entryBytes / 4;
const heads = 256;
const slack = 64;

/** Room in a block's memory for a `json` step. */
export const jsonBytes =
  (mostEntries + 1) * entryBytes + heads * 4 + mostEntries * 4 + mostKeyBytes + blockBytes + 1_024;

/** The words of an entry: see `assembly/shared/block-json.ts`. */
const word = { key: 0, size: 1, kinds: 2, values: 3, flags: 6, parent: 8 } as const;
const flag = { hasChildren: 1, isNamed: 2, isTaken: 4, isWhole: 8 } as const;

/** A key as objects have it. */
interface Entry {
  readonly at: number;
  /** Where its values go; undefined for one whose name says what another one's says. */
  readonly path: readonly string[] | undefined;
  readonly keys: Map<string, Entry>;
  hasValue: boolean;
}

/** A name that keys have taken, with those below it. */
interface Name {
  readonly below: Map<string, Name>;
  /** Taken by a key, and not only a part of one with dots. */
  isKey: boolean;
}

const makeName = (): Name => ({ below: new Map(), isKey: false });

/** The keys that a `json` step knows, in the memory of its block. */
export class JsonEntries {
  readonly #space: BlockSpace;
  readonly #root: Entry;
  readonly #heads: number;
  readonly #list: number;
  readonly #texts: number;
  readonly #keyRoom: number;
  #keyBytes = 0;
  readonly #entryRoom: number;
  #count = 0;
  readonly #names = makeName();
  readonly #words: Uint32Array;

  constructor(space: BlockSpace) {
    const { kernel } = space;
    this.#space = space;
    this.#words = new Uint32Array(kernel.memory.buffer);
    this.#heads = kernel.take(heads * 4);
    this.#list = kernel.take(mostEntries * 4);
    this.#keyRoom = kernel.take(mostKeyBytes + slack);
    this.#texts = kernel.take(blockBytes + slack);
    this.#entryRoom = kernel.take((mostEntries + 1) * entryBytes);
    this.#root = { at: this.#entryRoom, path: [], keys: new Map(), hasValue: false };
  }

  /** Reads rows: see `assembly/shared/block-json.ts`. Gives how many have a key that is not known. */
  read(from: BlockSlot, mask: number, wanted: number, status: number): number {
    const { kernel, count, open } = this.#space;
    return kernel.calls.jsonRows(
      from.kindsAt,
      from.valuesAt,
      mask,
      wanted,
      count,
      this.#root.at,
      this.#heads,
      this.#texts,
      this.#list,
      status,
      open,
    );
  }

  /** Learns the keys of an object from its text. False where there was nothing to learn. */
  learn(text: string): boolean {
    let object: unknown;
    try {
      object = JSON.parse(text);
    } catch {
      return false;
    }
    if (typeof object !== "object" || object === null || Array.isArray(object)) return false;
    return this.#members(this.#root, object as JsonObject);
  }

  #members(parent: Entry, object: JsonObject): boolean {
    let learned = false;
    for (const key of Object.keys(object)) {
      const known = parent.keys.get(key);
      const entry = known ?? this.#add(parent, key);
      if (!entry) continue;
      if (!known) learned = true;
      if (entry.path !== undefined && this.#value(entry, object[key])) learned = true;
    }
    return learned;
  }

  /** Makes an entry take a value of this kind. False where it does already, or cannot. */
  #value(entry: Entry, value: unknown): boolean {
    const { path = [] } = entry;
    if (value === null) return false;
    if (typeof value === "object" && !Array.isArray(value)) {
      const flags = entry.at / 4 + word.flags;
      const before = this.#words[flags]!;
      if ((before & (flag.isNamed | flag.isWhole)) !== 0) return false;
      if (path.length < mostLevels) {
        this.#words[flags]! |= flag.hasChildren;
        const learned = this.#members(entry, value as JsonObject);
        return learned || before !== this.#words[flags];
      }
      this.#words[flags]! |= flag.isWhole;
    }
    if (entry.hasValue) return false;
    const slot = this.#space.named(path.join("."));
    if (!slot) return false;
    this.#give(entry, slot);
    return true;
  }

  #give(entry: Entry, slot: BlockSlot): void {
    this.#words.set([slot.kindsAt, slot.valuesAt], entry.at / 4 + word.kinds);
    entry.hasValue = true;
  }

  /** Undefined where there is no room, or the key is none that stands for itself. */
  #add(parent: Entry, key: string): Entry | undefined {
    const { kernel } = this.#space;
    const size = key.length + 2;
    if (this.#count >= mostEntries || !/^[ !#-[\]-\x7f]*$/.test(key)) return undefined;
    if (this.#keyBytes + size > mostKeyBytes) return undefined;
    this.#count++;
    const at = this.#entryRoom + this.#count * entryBytes;
    const keyAt = this.#keyRoom + this.#keyBytes;
    this.#keyBytes += size;
    kernel.memory.set(Buffer.from(`"${key}"`, "latin1"), keyAt);
    const words = this.#words.subarray(at / 4, at / 4 + entryWords);
    words[word.key] = keyAt;
    words[word.size] = size;
    words[word.parent] = parent.at;
    const path = this.#take(parent, key);
    const entry: Entry = { at, path, keys: new Map(), hasValue: false };
    if (path === undefined) words[word.flags] = flag.isTaken;
    const own = path?.length === 1 ? this.#space.at(["log", path[0]!]) : undefined;
    if (own) {
      words[word.flags] = flag.isNamed;
      this.#give(entry, own);
    }
    parent.keys.set(key, entry);
    kernel.calls.jsonAdd(at, this.#heads);
    return entry;
  }

  /** The path of a key below `log`, which is its own from now on. Undefined where another key may write there too. */
  #take(parent: Entry, key: string): readonly string[] | undefined {
    const segments = sanitizeName(key);
    const path = [...(parent.path ?? []), ...segments];
    if (segments.length === 0 || path.length > mostLevels) return undefined;
    // What a step names is wanted whole, with what keys with dots write below it.
    if (path.length > 1 && (this.#space.at(["log", path[0]!]) || this.#space.at(["log", path.join(".")])))
      return undefined;
    let name = this.#names;
    for (const segment of parent.path ?? []) name = name.below.get(segment)!;
    for (const segment of segments.slice(0, -1)) {
      let next = name.below.get(segment);
      if (next?.isKey) return undefined;
      if (!next) {
        next = makeName();
        name.below.set(segment, next);
      }
      name = next;
    }
    const last = segments.at(-1)!;
    if (name.below.has(last)) return undefined;
    name.below.set(last, { below: new Map(), isKey: true });
    return path;
  }
}
