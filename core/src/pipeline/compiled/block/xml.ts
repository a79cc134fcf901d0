import type { z } from "zod";
import type { BlockSlot } from "../../../kernels/index.ts";
import { sanitizeName, splitPath } from "../../paths/index.ts";
import type { xml } from "../../steps/xml/index.ts";
import type { BlockStep } from "./block-step.ts";
import { isSpace } from "./bytes.ts";
import { type BlockSpace, kind } from "./space.ts";

const double = 34;
const ampersand = 38;
const single = 39;
const slash = 47;
const less = 60;
const equals = 61;
const greater = 62;

/** Elements and attributes of a document, those that are remembered, and how deep elements lie in each other. */
const mostItems = 512;
const mostKnown = 1_024;
const mostDepth = 8;

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** A text with the characters that it names; undefined for other names, and for numbers. */
function unescaped(text: string): string | undefined {
  let isKnown = true;
  const made = text.replace(/&(?:(lt|gt|amp|quot|apos);)?/g, (_, name: string | undefined) => {
    isKnown &&= name !== undefined;
    return named[name ?? ""] ?? "";
  });
  return isKnown ? made : undefined;
}

const isLetter = (byte: number): boolean =>
  (byte > 96 && byte < 123) || (byte > 64 && byte < 91) || byte === 95;
const isNameByte = (byte: number): boolean => isLetter(byte) || (byte > 47 && byte < 58);

/** An element or an attribute of one, by the name under which its object has it. */
interface Item {
  readonly parent: Item | undefined;
  readonly path: readonly string[];
  readonly name: Uint8Array;
  readonly items: Map<string, Item>;
  /** True where an empty text is told from nothing. */
  readonly isExact: boolean;
  readonly isEventId: boolean;
  /** Where its text goes, once it had one. */
  slot: BlockSlot | undefined;
  /** The mask of rows in which it is an object; 0 where nobody asks, below 0 before that is known. */
  there: number;
  /** The last document that had it. */
  seen: number;
  /** What came behind it the last time. */
  next: Item | undefined;
}

/** The element whose number stays where it is when it has an attribute. */
const eventId = "Event.System.EventID";
const data = Buffer.from("Data", "latin1");
const label = Buffer.from(" Name=", "latin1");

/** Reads XML documents by their bytes: elements with texts or elements in them, and attributes. Rows with anything else are left. */
class XmlRows {
  readonly #space: BlockSpace;
  readonly #bytes: Uint8Array;
  readonly #root: Item;
  #known = 0;
  #document = 0;
  #count = 0;
  #last: Item;
  /** Elements that are open, and where their names are. */
  readonly #open: Item[] = [];
  readonly #names: number[] = [];
  /** Of the text that was passed last, and of the attribute. */
  #isEscaped = false;
  #isNamespace = false;
  /** Where the name of the last `Data` is. */
  #from = 0;
  #to = 0;

  /** `roots`: names that a document may have. */
  constructor(space: BlockSpace, roots: readonly string[]) {
    this.#space = space;
    this.#bytes = space.kernel.memory;
    this.#root = this.#make(undefined, []);
    this.#last = this.#root;
    for (const name of roots) this.#root.items.set(name, this.#make(this.#root, [name]));
  }

  #make(parent: Item | undefined, path: readonly string[]): Item {
    const isListed = parent !== undefined && this.#space.loops.has(nameOf(parent));
    return {
      parent,
      path,
      name: Buffer.from(path.at(-1) ?? "", "latin1"),
      items: new Map(),
      isEventId: path.join(".") === eventId,
      isExact: isListed || this.#space.at(["log", ...path]) !== undefined,
      slot: undefined,
      there: -1,
      seen: 0,
      next: undefined,
    };
  }

  /** False where the row is to be left. */
  read(row: number, from: number, to: number): boolean {
    const bytes = this.#bytes;
    let at = from;
    let end = to;
    while (at < end && isSpace(bytes[at]!)) at++;
    while (end > at && bytes[end - 1] === 32) end--;
    this.#document++;
    this.#count = 0;
    this.#last = this.#root;
    this.#open.length = 0;
    for (;;) {
      at = bytes[at + 1] === slash ? this.#closed(at + 2) : this.#element(row, at, end);
      if (at < 0 || at > end) return false;
      if (this.#open.length === 0) return at === end;
      while (bytes[at] === 32) at++;
      if (bytes[at] !== less) return false;
    }
  }

  /** Behind a closing tag, of which the name is at `at`; below 0 where that is another one. */
  #closed(at: number): number {
    if (!this.#open.pop()) return -1;
    return this.#behind(at, this.#names.pop()!, this.#names.pop()!);
  }

  /** Behind a name and `>`. */
  #behind(at: number, to: number, from: number): number {
    const bytes = this.#bytes;
    for (let index = 0; index < to - from; index++) if (bytes[at + index] !== bytes[from + index]) return -1;
    const end = at + to - from;
    return bytes[end] === greater ? end + 1 : -1;
  }

  /** Behind an element with a text, or behind the tag of one with elements in it; below 0 for another form. */
  #element(row: number, start: number, end: number): number {
    const bytes = this.#bytes;
    const from = start + 1;
    let at = from;
    while (isNameByte(bytes[at]!)) at++;
    const to = at;
    if (bytes[start] !== less || to === from || !isLetter(bytes[from]!)) return -1;
    const parent = this.#open.at(-1) ?? this.#root;
    let item: Item | undefined;
    if (bytes[at] === 32 && this.#is(data, from, to)) {
      at = this.#label(at, end);
      if (at < 0) return -1;
      item = this.#itemAt(parent, this.#from, this.#to);
    } else item = this.#itemAt(parent, from, to);
    if (!item) return -1;
    let isFilled = false;
    let namespaces = 0;
    const isNumbered = item.isEventId && bytes[at] === 32;
    while (bytes[at] === 32) {
      while (bytes[at] === 32) at++;
      if (bytes[at] === greater || bytes[at] === slash) break;
      const took = this.#attribute(row, item, at, end, isNumbered);
      if (took === 0 || (this.#isNamespace && namespaces++ > 0)) return -1;
      isFilled ||= took > 0;
      at = Math.abs(took);
    }
    if (bytes[at] === slash) {
      if (bytes[at + 1] !== greater || isNumbered) return -1;
      return isFilled || this.#put(row, item, at, at, false) ? at + 2 : -1;
    }
    if (bytes[at] !== greater) return -1;
    const text = at + 1;
    at = this.#passed(text, end, less);
    if (at < 0) return -1;
    let first = text;
    let last = at;
    while (first < last && bytes[first] === 32) first++;
    while (last > first && bytes[last - 1] === 32) last--;
    if (bytes[at + 1] === slash) {
      if (isFilled ? first < last : !this.#put(row, item, first, last, this.#isEscaped)) return -1;
      return isNumbered && first === last ? -1 : this.#behind(at + 2, to, from);
    }
    if (first < last || isNumbered || this.#open.length >= mostDepth) return -1;
    if (!isFilled && !this.#fill(row, item)) return -1;
    this.#open.push(item);
    this.#names.push(from, to);
    return at;
  }

  /** Behind the name that an element `Data` has as an attribute, which is at `#from` then. */
  #label(start: number, end: number): number {
    const bytes = this.#bytes;
    const at = start + 6;
    const quote = bytes[at];
    if (!this.#is(label, start, at) || (quote !== single && quote !== double)) return -1;
    this.#from = at + 1;
    this.#to = this.#passed(at + 1, end, quote);
    if (this.#to <= this.#from || this.#isEscaped) return -1;
    return bytes[this.#to + 1] === greater || bytes[this.#to + 1] === slash ? this.#to + 1 : -1;
  }

  /**
   * Behind an attribute of an element; below 0 where it is none of its values, 0 for another form. Where the element is `numbered`, it is
   * one of those around.
   */
  #attribute(row: number, item: Item, from: number, end: number, numbered: boolean): number {
    const bytes = this.#bytes;
    let to = from;
    while (isNameByte(bytes[to]!)) to++;
    const quote = bytes[to + 1];
    if (to === from || !isLetter(bytes[from]!) || bytes[to] !== equals) return 0;
    if (quote !== single && quote !== double) return 0;
    const start = to + 2;
    const stop = this.#passed(start, end, quote);
    if (stop < 0) return 0;
    const isEscaped = this.#isEscaped;
    const behind = bytes[stop + 1];
    if (behind !== 32 && behind !== greater && behind !== slash) return 0;
    const name = to - from === 5 || numbered ? this.#space.text(from, to) : "";
    this.#isNamespace = name === "xmlns";
    if (this.#isNamespace) return -(stop + 1);
    if (numbered) {
      const own = name === "Qualifiers" ? this.#itemOf(item.parent!, "EventIDQualifiers") : undefined;
      return own && this.#put(row, own, start, stop, isEscaped) ? -(stop + 1) : 0;
    }
    if (!this.#fill(row, item)) return 0;
    const own = this.#itemAt(item, from, to);
    return own && this.#put(row, own, start, stop, isEscaped) ? stop + 1 : 0;
  }

  /** Where a text ends before a byte; below 0 where it may be another than it looks. */
  #passed(from: number, end: number, stop: number): number {
    const bytes = this.#bytes;
    this.#isEscaped = false;
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === stop) return at;
      if (byte < 32 || byte === less || byte === greater) return -1;
      if (byte === ampersand) this.#isEscaped = true;
    }
    return -1;
  }

  /** Undefined for one too many, and one that the document has twice. */
  #itemAt(parent: Item, from: number, to: number): Item | undefined {
    const next = this.#last.next;
    if (next?.parent === parent && this.#is(next.name, from, to)) return this.#take(next);
    return this.#itemOf(parent, this.#space.text(from, to));
  }

  #itemOf(parent: Item, name: string): Item | undefined {
    const item = parent.items.get(name) ?? this.#add(parent, name);
    return item && this.#take(item);
  }

  #take(item: Item): Item | undefined {
    if (item.seen === this.#document || this.#count++ >= mostItems) return undefined;
    item.seen = this.#document;
    this.#last.next = item;
    this.#last = item;
    return item;
  }

  #is(name: Uint8Array, from: number, to: number): boolean {
    if (name.length !== to - from) return false;
    const bytes = this.#bytes;
    for (let index = 0; index < name.length; index++) if (name[index] !== bytes[from + index]) return false;
    return true;
  }

  #add(parent: Item, name: string): Item | undefined {
    const segments = sanitizeName(name);
    if (parent === this.#root || this.#known >= mostKnown || segments.length !== 1) return undefined;
    const { loops } = this.#space;
    const object = nameOf(parent);
    if (segments[0] !== name || (loops.has(object) && !loops.take(object, name))) return undefined;
    this.#known++;
    const item = this.#make(parent, [...parent.path, name]);
    parent.items.set(name, item);
    return item;
  }

  /** Notes that an element is an object. False where it may be none. */
  #fill(row: number, item: Item): boolean {
    if (item.there < 0) {
      const { there, loops } = this.#space;
      const name = nameOf(item);
      if (this.#space.at(["log", ...item.path])) return false;
      const isListed = item.parent !== undefined && loops.has(nameOf(item.parent));
      const presence = isListed ? there.keepLate(name) : there.of(name);
      if (isListed && !presence) return false;
      item.there = presence?.mask ?? 0;
    }
    if (item.there > 0) this.#bytes[item.there + row] = 1;
    return true;
  }

  /** Puts a text into its slot. False where it has none. */
  #put(row: number, item: Item, from: number, to: number, isEscaped: boolean): boolean {
    if (from === to && !item.isExact) return !this.#space.there.of(nameOf(item));
    const slot = item.slot ?? this.#slotOf(item);
    if (!slot) return false;
    let place = { from, to };
    if (isEscaped) {
      const text = unescaped(this.#space.text(from, to));
      const made = text === undefined ? undefined : this.#space.texts.made(text);
      if (!made) return false;
      place = made;
    }
    slot.kinds[row] = kind.text;
    slot.places[row * 2] = place.from;
    slot.places[row * 2 + 1] = place.to;
    return true;
  }

  #slotOf(item: Item): BlockSlot | undefined {
    const name = nameOf(item);
    const own = this.#space.at(["log", ...item.path]);
    if (!own && this.#space.there.of(name)) return undefined;
    item.slot = own ?? this.#space.named(name.slice(4));
    return item.slot;
  }
}

const nameOf = ({ path }: Item): string => ["log", ...path].join(".");

/**
 * Reads documents whose root is an object that steps name fields of, and that nothing else writes: each element goes into its slot, one
 * that lines are the first to have into a slot made for it. Documents of other forms are left to the plain program.
 */
export function makeXml(space: BlockSpace, { source }: z.infer<typeof xml>): BlockStep | undefined {
  const from = space.at(splitPath(source));
  const roots = space.there.names("log").filter((name) => {
    const object = `log.${name}`;
    const below = space.below(object);
    const isFirst = below.length > 0 && below.every((slot) => space.version(slot) === 0);
    return isFirst && !space.expanded.has(object);
  });
  if (!from || roots.length === 0 || !space.bringNames()) return undefined;
  const documents = new XmlRows(space, roots);
  const { memory } = space.kernel;
  return {
    writes: roots.flatMap((name) => space.below(`log.${name}`)),
    makes: "log",
    nests: true,
    run: (mask, missed) => {
      const { kinds, places } = from;
      for (let row = 0; row < space.count; row++) {
        memory[missed + row] = 0;
        if (memory[mask + row] === 0) continue;
        const isRead =
          kinds[row] === kind.text && documents.read(row, places[row * 2]!, places[row * 2 + 1]!);
        if (!isRead) space.openRow(row);
      }
    },
  };
}
