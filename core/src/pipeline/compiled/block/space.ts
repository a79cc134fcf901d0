import { BlockFull, BlockKernel, type BlockSlot, blockRows, EmittedModule } from "../../../kernels/index.ts";
import { sanitizeValue } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { parseJson } from "../../steps/json.ts";
import type { Layout, Slot } from "../layout.ts";
import { given } from "../layout.ts";
import { asciiText } from "../slices.ts";
import { BlockWork } from "./block-work.ts";
import { ConstantSlots } from "./constant-slots.ts";
import type { CarriedCode } from "./cut/index.ts";
import { type Given, Givens, givenText } from "./givens.ts";
import { type Below, isAscii, kind, logic } from "./kinds.ts";
import { Loops } from "./loops.ts";
import { type MadeText, MadeTexts } from "./made-texts.ts";
import { mostLate, Presences } from "./presence.ts";
import { namesFor, roomFor, type SpaceNeeds } from "./space-needs.ts";
import { rows, type Work, type WorkCall } from "./work.ts";

/** Thrown while a pipeline is compiled: it has no form for blocks. The message says why, for people who tune pipelines. */
export class NoBlock extends Error {
  /** The step that has none; undefined where it is no single one. */
  step: CompiledStep | undefined;
}

/** Most steps that go through the fields of an object. */
const mostLoops = 64;

/** The slots of a pipeline for many rows at once, with what its steps and conditions share. */
export class BlockSpace {
  readonly kernel: BlockKernel;
  /** 1 for rows that are left to the plain program. */
  readonly open: number;
  /** 1 for all rows. */
  readonly every: number;
  readonly raw: BlockSlot;
  /** What is done to a block, in order. */
  readonly work: BlockWork;
  /** Of the block that is worked on. */
  count = 0;
  /** When its lines were read, as RFC 3339. */
  timestamp = "";
  /** Code of the steps, until `link`. */
  readonly module = new EmittedModule();
  /** The number of the kernel's `find` in that. */
  readonly find = this.module.import("find", ["i32", "i32", "i32", "i32", "i32"], ["i32"]);
  /** Functions of that which need not be written. */
  carried: CarriedCode | undefined;
  readonly #laid: (() => void)[] = [];
  readonly #layout: Layout;
  readonly #slots = new Map<Slot, BlockSlot>();
  /** Where the list of what is made zero lies, the kinds of all slots but the line among it. */
  readonly #clearedAt: number;
  #cleared = 0;
  /** How often a slot has been written by the steps so far. */
  readonly #versions = new Map<BlockSlot, number>();
  /** Slots that hold nothing but texts of steps. */
  readonly constants = new ConstantSlots();
  /** What steps may leave in a slot. */
  readonly givens = new Givens();
  /** Fields of `log` that lines have named, beyond those that steps name. */
  readonly #named = new Map<string, BlockSlot>();
  /** Texts that steps make. */
  readonly texts: MadeTexts;
  #mostNamed: number;
  /** Where objects are there. */
  readonly there: Presences;
  readonly loops = new Loops();
  readonly #below = new Map<string, BlockSlot[]>();
  /** Objects below the top that have fields with a slot. */
  readonly #objects = new Set<string>();
  /** True where slots may hold lists and objects. */
  hasTrees = false;
  /** How many steps bring names, and whether one has those below an object. */
  readonly #naming: number;
  #isNested = false;
  /** Objects into which steps read JSON. */
  readonly expanded: ReadonlySet<string>;
  readonly #ends: (() => void)[] = [];
  /** Told of each field of `log` that a line was the first to name. */
  onNamed: (name: string, slot: BlockSlot) => void = () => {};

  /** Undefined where there is no WebAssembly. Throws NoBlock. */
  static open(layout: Layout, needs: SpaceNeeds): BlockSpace | undefined {
    const kernel = BlockKernel.open(roomFor(layout.slots.length, needs));
    if (!kernel) return undefined;
    return new BlockSpace(kernel, layout, needs);
  }

  private constructor(kernel: BlockKernel, layout: Layout, needs: SpaceNeeds) {
    this.kernel = kernel;
    this.work = new BlockWork(kernel, this.module);
    this.#layout = layout;
    this.#mostNamed = layout.log ? namesFor(needs) : 0;
    this.#naming = needs.naming;
    this.expanded = needs.expanded;
    this.open = kernel.mask();
    this.every = kernel.mask();
    kernel.memory.fill(1, this.every, this.every + blockRows + 16);
    this.texts = new MadeTexts(kernel);
    this.there = new Presences(this, (mask) => this.#clear(mask));
    this.#clearedAt = kernel.take(
      (layout.slots.length + layout.presence.size + this.#mostNamed + mostLate + mostLoops) * 4,
    );
    this.raw = kernel.slot();
    for (const slot of layout.slots) {
      const [first, ...keys] = slot.path.join(".").split(".");
      for (let end = 1; end < keys.length; end++) this.#objects.add([first, ...keys.slice(0, end)].join("."));
      if (slot.path[0] === "raw") this.#slots.set(slot, this.raw);
      else if (!given.has(slot.path[0])) {
        const own = kernel.slot();
        this.#slots.set(slot, own);
        this.#clear(own.kindsAt);
      }
    }
  }

  /** Says what is to be laid down once all steps have written theirs. */
  beforeLink(lay: () => void): void {
    this.#laid.push(lay);
  }

  /** Makes the functions of the module, once all steps have written theirs. Throws BlockFull. */
  link(): void {
    for (const lay of this.#laid.splice(0)) lay();
    this.work.link();
  }

  /** The slot of a path; undefined where that is no slot of its own, or one that every log begins with. */
  at(path: readonly string[]): BlockSlot | undefined {
    const place = this.#layout.find(path);
    return place?.below.length === 0 ? this.#slots.get(place.slot) : undefined;
  }

  /** The slot that holds a path among other things below it. */
  around(path: readonly string[]): Below | undefined {
    const place = this.#layout.find(path);
    const slot = place && place.below.length > 0 ? this.#slots.get(place.slot) : undefined;
    return slot && { slot, path: place!.below };
  }

  of(slot: Slot): BlockSlot | undefined {
    return this.#slots.get(slot);
  }

  /** Slots below an object, by the paths that steps name. */
  below(name: string): BlockSlot[] {
    const known = this.#below.get(name);
    if (known) return known;
    const slots = this.fieldsBelow(name).map(([, slot]) => slot);
    this.#below.set(name, slots);
    return slots;
  }

  /** The same with the paths of the fields, from the object on. */
  fieldsBelow(name: string): (readonly [path: readonly string[], slot: BlockSlot])[] {
    const depth = name.split(".").length;
    return this.#layout.slots.flatMap((slot) => {
      const path = slot.path.join(".");
      const own = path.startsWith(`${name}.`) ? this.#slots.get(slot) : undefined;
      return own ? [[path.split(".").slice(depth), own] as const] : [];
    });
  }

  /** Puts behind the work that fields of `log` below an object are taken away which lines have named. */
  removeNamed(name: string, mask: number, found: number): void {
    if (this.#mostNamed === 0 || !name.startsWith("log.")) return;
    const { calls } = this.kernel;
    const within = `${name}.`;
    const isWritten = this.loops.isWritten(within);
    this.work.push(() => {
      for (const [own, { kindsAt }] of this.#named)
        if (`log.${own}`.startsWith(within) && !(isWritten && this.loops.isMoved(own)))
          calls.remove(kindsAt, mask, this.count, found);
      this.there.takeLate(within, mask);
    });
  }

  /** Slots of fields of `log` below an object that lines have named. */
  *namedBelow(name: string): Generator<BlockSlot> {
    const within = `${name}.`;
    for (const [own, slot] of this.#named) if (`log.${own}`.startsWith(within)) yield slot;
  }

  /** The slot of a field of `log` that a line has named. */
  nameOf(name: string): BlockSlot | undefined {
    return this.#named.get(name);
  }

  /** True where no step and no line but those of `loops` writes a field of `log`, or one below. */
  isFree(name: string): boolean {
    const own = `log.${name}`;
    if (this.#layout.log?.has(name) || this.#objects.has(own) || this.there.of(own)) return false;
    return !this.loops.isTarget(name) && ![...this.#named.keys()].some((one) => one.split(".")[0] === name);
  }

  /** The slot of a field of `log` whose name comes with a line; undefined where there are too many names. */
  named(name: string): BlockSlot | undefined {
    const own = this.#layout.log?.get(name);
    if (own) return this.#slots.get(own);
    // No slot holds a value and what is below it.
    if (this.#objects.has(`log.${name}`) || this.loops.isTarget(name.split(".", 1)[0]!)) return undefined;
    const known = this.#named.get(name);
    if (known || this.#named.size >= this.#mostNamed) return known;
    try {
      const slot = this.kernel.slot();
      this.#named.set(name, slot);
      this.#clear(slot.kindsAt);
      const column = this.loops.columnOf(name);
      if (column !== undefined) this.onNamed(column, slot);
      return slot;
    } catch (error) {
      if (!(error instanceof BlockFull)) throw error;
      this.#mostNamed = 0;
      return undefined;
    }
  }

  /** Gives the names below `log` to a step that may nest them. False where another one brings names too, or they have no slots. */
  takeNames(): boolean {
    return this.#naming === 1 && this.bringNames();
  }

  /** The same of those below an object, to the first step that wants them: others know nothing of what is there. */
  takeNamesBelow(): boolean {
    if (this.#isNested || !this.bringNames()) return false;
    this.#isNested = true;
    return true;
  }

  /** Says that a step brings names below objects that it alone writes. False where they have no slots. */
  bringNames(): boolean {
    this.hasTrees ||= this.#mostNamed > 0;
    return this.#mostNamed > 0;
  }

  /** A mask that is zero when a block begins. */
  freshMask(): number {
    const mask = this.kernel.mask();
    this.#clear(mask);
    return mask;
  }

  /** Says what is done behind all steps, before the values are looked at. */
  atEnd(write: () => void): void {
    this.#ends.push(write);
  }

  /** Puts that behind the work. */
  end(): void {
    for (const write of this.#ends.splice(0)) write();
  }

  /** Puts behind the work that the rows of a mask get a text that holds for good. */
  fill(slot: BlockSlot, mask: number, text: string, { from, to }: MadeText): void {
    const number = this.constants.numberOf(slot, text);
    if (number !== undefined) this.work.kernel("mark", slot.kindsAt, mask, rows, number);
    else this.work.kernel("fill", slot.kindsAt, slot.valuesAt, mask, rows, from, to);
  }

  /** Puts logic on masks behind the work. */
  logic(operation: number, a: number, b: number, out: number): void {
    this.work.kernel("logic", operation, a, b, out, rows);
  }

  /** Puts work behind what is there for blocks in which a call gives another number than 0. */
  when(call: WorkCall, then?: () => void, otherwise?: () => void): void {
    const { work } = this;
    const apart = (write = (): void => {}): Work[] => work.apart(write);
    work.push({ when: call, body: apart(then), otherwise: apart(otherwise) });
  }

  /** The same where it gives 1 for any row: an operation on masks. */
  whenLogic(operation: number, a: number, b: number, out: number, then: () => void): void {
    this.when({ kernel: "logic", numbers: [operation, a, b, out, rows] }, then);
  }

  /** Puts behind the work that a mask becomes zero, where it may not be, in all rows that a block can have. */
  empties(mask: number): void {
    this.work.kernel("logic", logic.without, mask, mask, mask, blockRows);
  }

  /** Notes that a step writes a slot, so that what was asked before is asked again; it leaves what `gives` says, or anything. */
  writes(slot: BlockSlot, gives?: readonly Given[]): void {
    this.#versions.set(slot, this.version(slot) + 1);
    this.givens.add(slot, this.constants.of(slot)?.flatMap(({ text }) => givenText(text) ?? []) ?? gives);
  }

  version(slot: BlockSlot): number {
    return this.#versions.get(slot) ?? 0;
  }

  clear(mask: number): void {
    this.kernel.memory.fill(0, mask, mask + this.count);
  }

  isOpen(row: number): boolean {
    return this.kernel.memory[this.open + row] === 1;
  }

  /** How many rows behind one are not open, up to the first that is. */
  closed(row: number): number {
    const { memory } = this.kernel;
    const end = this.open + this.count;
    const next = memory.subarray(this.open, end).indexOf(1, row);
    return (next < 0 ? this.count : next) - row;
  }

  openRow(row: number): void {
    this.kernel.memory[this.open + row] = 1;
  }

  /** Makes all slots but the line empty, and what is noted of split fields. */
  reset(): void {
    this.texts.reset();
    this.kernel.calls.clear(this.#clearedAt, this.#cleared, this.count);
  }

  #clear(at: number): void {
    this.kernel.words[this.#clearedAt / 4 + this.#cleared++] = at;
  }

  /** Words as a list for `BlockKernel.calls.words`; those that are not ASCII are in no line and left out. */
  list(words: readonly string[]): { readonly at: number; readonly size: number } {
    const ascii = words.filter(isAscii);
    const places = ascii.flatMap((word) => [this.kernel.put(Buffer.from(word, "latin1")), word.length]);
    return { at: this.kernel.putWords(places), size: ascii.length };
  }

  text(from: number, to: number): string {
    return asciiText(this.kernel.memory, from, to);
  }

  /** The value of a row. */
  value(slot: BlockSlot, row: number): unknown {
    const { kinds, places, numbers } = slot;
    const constants = this.constants.of(slot);
    if (constants) return constants[kinds[row]! - 1]?.text;
    switch (kinds[row]) {
      case kind.text:
        return this.text(places[row * 2]!, places[row * 2 + 1]!);
      case kind.number:
        return numbers[row];
      case kind.boolean:
        return places[row * 2] === 1;
      case kind.null:
        return null;
      case kind.tree:
        return sanitizeValue(parseJson(this.text(places[row * 2]!, places[row * 2 + 1]!)), 2);
      default:
        return undefined;
    }
  }

  /** Calls `use` for each distinct text of a slot, with its number from 1 on: see `kernel.ids`. */
  eachDistinct(slot: BlockSlot, use: (text: string, id: number) => void): void {
    const { kernel } = this;
    const { places } = slot;
    const distinct = kernel.distinct(slot, 0, this.count);
    for (let id = 1; id <= distinct; id++) {
      const row = kernel.firstRow(id) * 2;
      use(this.text(places[row]!, places[row + 1]!), id);
    }
  }

  /** Calls `use` for each distinct text of a slot, then `each` for each row with a text and what `use` gave for it. */
  eachText<T>(slot: BlockSlot, use: (text: string) => T, each: (row: number, made: T) => void): void {
    const { kernel, count } = this;
    const distinct = kernel.distinct(slot, 0, count);
    const made: T[] = new Array(distinct + 1);
    for (let id = 1; id <= distinct; id++) {
      const row = kernel.firstRow(id);
      made[id] = use(this.text(slot.places[row * 2]!, slot.places[row * 2 + 1]!));
    }
    const { ids } = kernel;
    for (let row = 0; row < count; row++) if (ids[row] !== 0) each(row, made[ids[row]!]!);
  }
}

export { BlockFull, blockRows, isAscii, kind, logic, rows };
