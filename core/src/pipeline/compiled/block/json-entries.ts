import { type BlockSlot, blockBytes } from "../../../kernels/index.ts";
import { type JsonObject, sanitizeName } from "../../paths/index.ts";
import type { Presence } from "./presence.ts";
import type { BlockSpace } from "./space.ts";

/** Keys of one step that are known, those of objects below included, and the bytes of all of them. */
const mostEntries = 256;
const mostKeyBytes = 8 << 10;
/** Deepest names: objects below are kept as they stand. */
const mostLevels = 8;
const entryBytes = 48;
const entryWords = entryBytes / 4;
const heads = 256;
const slack = 64;

/** Room in a block's memory for a `json` step. */
export const jsonBytes =
  (mostEntries + 1) * entryBytes + heads * 4 + mostEntries * 8 + mostKeyBytes + blockBytes + 1_024;

/** The words of an entry: see `assembly/shared/block-json.ts`. */
const word = { key: 0, size: 1, kinds: 2, values: 3, flags: 6, parent: 8, there: 10 } as const;
const flag = {
  hasChildren: 1,
  isNamed: 2,
  isTaken: 4,
  isWhole: 8,
  isKept: 16,
  isNoting: 32,
  isExact: 64,
} as const;

/** A key as objects have it. */
export interface Entry {
  readonly at: number;
  /** Where its values go; undefined for one whose name says what another one's says. */
  readonly path: readonly string[] | undefined;
  readonly keys: Map<string, Entry>;
  hasValue: boolean;
}

/** The path that a key has taken, and the object of its name with a dot that is noted with it. */
interface Taken {
  readonly path: readonly string[];
  readonly noted?: Presence;
}

/** A name that keys have taken, with those below it. */
interface Name {
  readonly below: Map<string, Name>;
  /** Taken by a key, and not only a part of one with dots. */
  isKey: boolean;
}

/** The object that an entry's keys are fields of. */
const nameOf = ({ path = [] }: Entry): string => ["log", ...path].join(".");

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

  /** `path`: below which field of `log` its keys go. */
  constructor(space: BlockSpace, path: readonly string[] = []) {
    const { kernel } = space;
    this.#space = space;
    this.#words = new Uint32Array(kernel.memory.buffer);
    this.#heads = kernel.take(heads * 4);
    this.#list = kernel.take(mostEntries * 8);
    this.#keyRoom = kernel.take(mostKeyBytes + slack);
    this.#texts = kernel.take(blockBytes + slack);
    this.#entryRoom = kernel.take((mostEntries + 1) * entryBytes);
    this.#root = { at: this.#entryRoom, path, keys: new Map(), hasValue: false };
    this.#nameRoot(path);
  }

  #nameRoot(path: readonly string[]): void {
    let name = this.#names;
    for (const key of path) {
      const below = name.below.get(key) ?? makeName();
      name.below.set(key, below);
      name = below;
    }
  }

  /** An object of its own, whose keys go below another field of `log`. */
  rootAt(path: readonly string[]): Entry | undefined {
    if (this.#count >= mostEntries) return undefined;
    this.#count++;
    this.#nameRoot(path);
    return { at: this.#entryRoom + this.#count * entryBytes, path, keys: new Map(), hasValue: false };
  }

  /** Reads rows: see `assembly/shared/block-json.ts`. Gives how many have a key that is not known. `more`: not the first of the block. */
  read(
    from: BlockSlot,
    mask: number,
    wanted: number,
    status: number,
    root = this.#root,
    more = false,
  ): number {
    const { kernel, count, open } = this.#space;
    return kernel.calls.jsonRows(
      from.kindsAt,
      from.valuesAt,
      mask,
      wanted,
      count,
      root.at,
      this.#heads,
      more ? 0 : this.#texts,
      this.#list,
      status,
      open,
    );
  }

  /** Learns the keys of an object from its text. False where there was nothing to learn. */
  learn(text: string, root = this.#root): boolean {
    let object: unknown;
    try {
      object = JSON.parse(text);
    } catch {
      return false;
    }
    if (typeof object !== "object" || object === null || Array.isArray(object)) return false;
    return this.#members(root, object as JsonObject);
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
    const flags = entry.at / 4 + word.flags;
    const before = this.#words[flags]!;
    if (value === null && (before & flag.isExact) === 0) return false;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      if ((before & (flag.isNamed | flag.isWhole)) !== 0) return false;
      if (path.length < mostLevels) {
        if ((before & flag.isExact) !== 0 && !this.#keep(entry, path)) return false;
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

  /** Makes it known from now on whether an object is there that steps go through. */
  #keep(entry: Entry, path: readonly string[]): boolean {
    const flags = entry.at / 4 + word.flags;
    if ((this.#words[flags]! & flag.isKept) !== 0) return true;
    // With a dot in its key an object above would have to be noted too.
    const there =
      (this.#words[flags]! & flag.isNoting) === 0
        ? this.#space.there.keepLate(`log.${path.join(".")}`)
        : undefined;
    if (!there) return false;
    this.#words[flags]! |= flag.isKept;
    this.#words[entry.at / 4 + word.there] = there.mask;
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
    const taken = this.#take(parent, key);
    const path = taken?.path;
    const entry: Entry = { at, path, keys: new Map(), hasValue: false };
    if (!taken || !path) words[word.flags] = flag.isTaken;
    else this.#describe(entry, taken, parent);
    parent.keys.set(key, entry);
    kernel.calls.jsonAdd(at, this.#heads);
    return entry;
  }

  /** Says what an entry may be. */
  #describe(entry: Entry, { path, noted }: Taken, parent: Entry): void {
    const words = this.#words.subarray(entry.at / 4, entry.at / 4 + entryWords);
    const own = this.#space.at(["log", ...path]);
    if (own) {
      words[word.flags] = flag.isNamed;
      this.#give(entry, own);
    }
    const there = this.#space.there.of(`log.${path.join(".")}`);
    if (there) words[word.flags] = flag.hasChildren | flag.isKept;
    else if (!own && this.#isListed(parent)) words[word.flags] = flag.isExact;
    if (noted) words[word.flags]! |= flag.isNoting;
    if (there ?? noted) words[word.there] = (there ?? noted)!.mask;
    // One mask is noted for a key.
    if (there && noted) words[word.flags] = flag.isTaken;
  }

  /** True where steps go through the keys of an object, so that each is told from nothing. */
  #isListed(parent: Entry): boolean {
    return this.#space.loops.has(nameOf(parent));
  }

  /** The object of a key with a dot, where that has to be noted; undefined where none has, null where it cannot be. */
  #notedBy(parent: Entry, path: readonly string[]): Presence | undefined | null {
    const from = (parent.path?.length ?? 0) + 1;
    let noted: Presence | undefined;
    for (let end = from; end < path.length; end++) {
      const name = `log.${path.slice(0, end).join(".")}`;
      const isListed = end === from && this.#isListed(parent);
      const own = this.#space.there.of(name) ?? (isListed ? this.#space.there.keepLate(name) : undefined);
      if ((own && noted) || (!own && isListed)) return null;
      noted ??= own;
    }
    return noted;
  }

  /** The path of a key below `log`, which is its own from now on. Undefined where another key may write there too. */
  #take(parent: Entry, key: string): Taken | undefined {
    const segments = sanitizeName(key);
    const path = [...(parent.path ?? []), ...segments];
    if (segments.length === 0 || path.length > mostLevels) return undefined;
    // What a step names is wanted whole, with what keys with dots write below it.
    const above = parent.path?.length ?? 0;
    const isClosed = (object: readonly string[]): boolean =>
      this.#space.at(object) !== undefined || this.#space.loops.has(object.join("."));
    if (path.some((_, at) => at > above && isClosed(["log", ...path.slice(0, at)]))) return undefined;
    if (this.#isListed(parent) && !this.#space.loops.take(nameOf(parent), segments[0]!)) return undefined;
    const noted = this.#notedBy(parent, path);
    if (noted === null) return undefined;
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
    return noted ? { path, noted } : { path };
  }
}
