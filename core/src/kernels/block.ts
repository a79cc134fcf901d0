import { randomBytes } from "node:crypto";
import type { BlockCalls } from "./block-calls.ts";
import type { BlockSlot } from "./block-slot.ts";
import { type CutAutomaton, type CutPart, mostStates, partProgram, partWords } from "./cut-parts.ts";
import type { EmittedModule } from "./emit/module.ts";
import { type LoadedKernel, loadKernel } from "./load.ts";

/** Most lines of a block, and most bytes from the first to the last. Kernels count up to 255 rows in each of sixteen bytes: 4,080 at most. */
export const blockRows = 2_048;
export const blockBytes = 256 << 10;
/** Behind a text vector instructions may read, and behind a list of texts they may write. */
const slack = 64;
const outBytes = 64 << 10;
const slotBits = 12;
/** What the kernel keeps for itself at the beginning of the memory: of texts that steps have made, with which words they begin. */
const keptBytes = 8 << 10;
/** Texts that are made while a block is worked on. */
const madeBytes = 32 << 10;
/** Room for the tables of automata, which grow. What is not used takes no memory. */
const tableBytes = 4 << 20;
const firstStates = 8;

/** The tables of an automaton in a block's memory; brought up to date by `refresh`. */
export interface BlockTable {
  readonly automaton: CutAutomaton;
  next: number;
  endings: number;
  states: number;
  version: number;
  /** Parts of programs that say where it is. */
  readonly parts: number[];
}

/** A function of an `EmittedModule`. */
export type EmittedFunction = (...numbers: number[]) => void;

/** Thrown when a program is too large for the memory that was asked for. */
export class BlockFull extends Error {}

/** Memory with the work on many lines at once, by WebAssembly: slots, masks, texts and programs of one pipeline. */
export class BlockKernel {
  readonly calls: BlockCalls;
  /** Instantiates a module over this memory, with what `calls` and `own` have to import. Gives its functions. */
  readonly link: (module: EmittedModule, own?: object) => Readonly<Record<string, EmittedFunction>>;
  readonly memory: Uint8Array;
  /** Of the last `distinct`: by row from its first on, the number of its text from 1 on; 0 is none. */
  readonly ids: Uint32Array;
  /** What was made of each distinct text, by its number: places as two words each, or numbers. */
  readonly tableAt: number;
  readonly tablePlaces: Uint32Array;
  readonly tableNumbers: Float64Array;
  /** The memory as words. */
  readonly words: Uint32Array;
  readonly #buffer: ArrayBuffer;
  readonly #tables: BlockTable[] = [];
  readonly #laid = new Map<string, number>();
  /** Not known to who sends values, so that they cannot be made to collide. */
  readonly seed = randomBytes(8).readBigUInt64LE();
  readonly #end: number;
  #free = keptBytes;
  readonly #rowsAt: number;
  readonly #bytesAt: number;
  /** Where calls write what is read before the next one. */
  readonly outAt: number;
  readonly #idsAt: number;
  readonly #firstsAt: number;
  readonly #hashesAt: number;
  readonly #slotsAt: number;
  readonly #countsAt: number;
  readonly #scratchAt: number;
  readonly #madeAt: number;
  #made = 0;
  readonly #tablesEnd: number;
  #tablesFree: number;

  /** With room for `bytes` of slots, masks and programs. Undefined where WebAssembly is not to be had. */
  static open(bytes: number): BlockKernel | undefined {
    const fixed = 256 << 10;
    const own = blockBytes + outBytes + madeBytes + blockRows * 48 + (4 << slotBits) + fixed;
    const loaded = loadKernel<BlockCalls>("block", own + bytes + tableBytes);
    return loaded && new BlockKernel(loaded, own + bytes);
  }

  private constructor({ exports: calls, memory, link }: LoadedKernel<BlockCalls>, end: number) {
    this.calls = calls;
    this.link = (module, own) => link(module.bytes(), own) as ReturnType<BlockKernel["link"]>;
    this.memory = new Uint8Array(memory);
    this.words = new Uint32Array(memory);
    this.#buffer = memory;
    this.#end = end;
    this.#tablesFree = end;
    this.#tablesEnd = end + tableBytes;
    this.#rowsAt = this.take(blockRows * 16);
    this.#bytesAt = this.take(blockBytes + slack);
    this.outAt = this.take(outBytes + slack);
    this.#idsAt = this.take(blockRows * 4);
    this.#firstsAt = this.take((blockRows + 1) * 4);
    this.#hashesAt = this.take((blockRows + 1) * 8);
    this.#slotsAt = this.take(4 << slotBits);
    this.#countsAt = this.take(8 << 10);
    this.#scratchAt = this.take(2 << 10);
    this.#madeAt = this.take(madeBytes + slack);
    this.ids = new Uint32Array(memory, this.#idsAt, blockRows);
    this.tableAt = this.take((blockRows + 1) * 8);
    this.tablePlaces = new Uint32Array(memory, this.tableAt, (blockRows + 1) * 2);
    this.tableNumbers = new Float64Array(memory, this.tableAt, blockRows + 1);
  }

  /** Takes memory, all zero, for good. Throws BlockFull. */
  take(bytes: number): number {
    const at = this.#free;
    this.#free = (at + bytes + 15) & ~15;
    if (this.#free > this.#end) throw new BlockFull();
    return at;
  }

  /** A mask of a byte a row. */
  mask(): number {
    return this.take(blockRows + 16);
  }

  slot(): BlockSlot {
    const kindsAt = this.mask();
    const valuesAt = this.take(blockRows * 8);
    return {
      kindsAt,
      valuesAt,
      kinds: this.memory.subarray(kindsAt, kindsAt + blockRows),
      places: new Uint32Array(this.#buffer, valuesAt, blockRows * 2),
      numbers: new Float64Array(this.#buffer, valuesAt, blockRows),
    };
  }

  /** Lays bytes down for good. */
  put(bytes: Uint8Array): number {
    const at = this.take(bytes.length + slack);
    this.memory.set(bytes, at);
    return at;
  }

  /** Lays 16 bytes down for good, the same ones once. */
  lay(bytes: Uint8Array): number {
    const key = String.fromCharCode(...bytes);
    const known = this.#laid.get(key);
    if (known !== undefined) return known;
    const at = this.take(16);
    this.memory.set(bytes, at);
    this.#laid.set(key, at);
    return at;
  }

  /** Lays words of 32 bits down for good. */
  putWords(words: readonly number[]): number {
    const at = this.take(words.length * 4);
    this.words.set(words, at / 4);
    return at;
  }

  /** Words that say where the tables of an automaton are: its states, the first of them, its endings. */
  tableWords(automaton: CutAutomaton): number {
    const at = this.putWords([0, 0, 0]);
    // Programs have them behind two words of their own.
    this.table(automaton).parts.push(at / 4 - 2);
    return at;
  }

  /** The program that cuts these parts. */
  program(parts: readonly CutPart[]): number {
    const words = parts.flatMap((part) => {
      const own = partProgram(
        part,
        (bytes) => this.put(bytes),
        () => ({ next: 0, endings: 0 }),
      );
      return [...own, ...new Array<number>(partWords - own.length).fill(0)];
    });
    const at = this.putWords(words);
    for (const [index, part] of parts.entries())
      if (part.kind === "automaton") this.table(part.automaton).parts.push(at / 4 + index * partWords);
    return at;
  }

  table(automaton: CutAutomaton): BlockTable {
    const known = this.#tables.find((table) => table.automaton === automaton);
    if (known) return known;
    const table: BlockTable = { automaton, next: 0, endings: 0, states: 0, version: -1, parts: [] };
    this.#tables.push(table);
    if (!this.#grow(table, firstStates)) throw new BlockFull();
    return table;
  }

  /** Room for so many states; what is there is brought over by `refresh`. False where there is none left. */
  #grow(table: BlockTable, states: number): boolean {
    const bytes = states * 257;
    if (this.#tablesFree + bytes > this.#tablesEnd) return false;
    table.next = this.#tablesFree;
    table.endings = table.next + states * 256;
    table.states = states;
    table.version = -1;
    this.#tablesFree = (this.#tablesFree + bytes + 15) & ~15;
    new Uint16Array(this.#buffer, table.next, states * 128).fill(1);
    return true;
  }

  /** Brings the tables of automata up to date. */
  refresh(): void {
    for (const table of this.#tables) {
      const { automaton } = table;
      if (automaton.version === table.version) continue;
      const needed = Math.min(mostStates, automaton.next.length / 128);
      // Without room the table stays as it was: it knows less, and nothing wrong.
      if (table.states >= needed || this.#grow(table, needed)) {
        new Uint16Array(this.#buffer, table.next, automaton.next.length).set(automaton.next);
        this.memory.set(automaton.endings.subarray(0, table.states), table.endings);
        table.version = automaton.version;
      }
      for (const part of table.parts) this.words.set([table.next, automaton.start, table.endings], part + 2);
    }
  }

  /**
   * Puts lines into a slot, as many from `first` on as a block holds: rows of `Lines`, which count from the beginning of `bytes`. Those that
   * are not ASCII or longer than `longest` are opened. Gives how many there are.
   */
  begin(
    bytes: Uint8Array,
    rows: Uint32Array,
    first: number,
    most: number,
    slot: BlockSlot,
    open: number,
    longest: number,
  ): number {
    const from = rows[first * 4 + 1]!;
    let count = Math.min(most, blockRows);
    // The most that fit, by halving.
    for (let low = 0, high = count; low < high; count = low) {
      const some = (low + high + 1) >> 1;
      if (rows[(first + some) * 4 - 2]! - from > blockBytes) high = some - 1;
      else low = some;
    }
    if (count === 0) return 0;
    this.memory.set(bytes.subarray(from, rows[(first + count) * 4 - 2]!), this.#bytesAt);
    this.words.set(rows.subarray(first * 4, (first + count) * 4), this.#rowsAt / 4);
    this.#made = 0;
    const base = (this.#bytesAt - from) | 0;
    this.calls.begin(base, this.#rowsAt, count, slot.kindsAt, slot.valuesAt, open, longest);
    return count;
  }

  /** Cuts rows into slots: see `assembly/block.ts`. */
  cut(
    slot: BlockSlot,
    mask: number,
    count: number,
    program: number,
    parts: number,
    targets: number,
    missed: number,
    open: number,
  ): void {
    const { kindsAt, valuesAt } = slot;
    this.calls.cutRows(
      kindsAt,
      valuesAt,
      mask,
      count,
      program,
      parts,
      targets,
      this.#scratchAt,
      missed,
      open,
    );
  }

  /** Lays a text down that holds as long as the block. Undefined where it is not ASCII or there is no room. */
  make(text: string): { readonly from: number; readonly to: number } | undefined {
    const size = text.length;
    if (this.#made + size > madeBytes || !/^[\0-\x7f]*$/.test(text)) return undefined;
    const from = this.#madeAt + this.#made;
    this.memory.set(Buffer.from(text, "latin1"), from);
    this.#made += size;
    return { from, to: from + size };
  }

  get idsAt(): number {
    return this.#idsAt;
  }

  /** Numbers the distinct texts of some rows: see `ids`. Gives how many there are. */
  distinct(slot: BlockSlot, first: number, count: number): number {
    return this.calls.distinct(
      slot.kindsAt,
      slot.valuesAt,
      first,
      count,
      this.#idsAt,
      this.#firstsAt,
      this.#hashesAt,
      this.#slotsAt,
      slotBits,
      this.seed,
    );
  }

  /** The first row with a distinct text of the last `distinct`. */
  firstRow(id: number): number {
    return this.words[this.#firstsAt / 4 + id]!;
  }

  /** Hands on the texts of some rows as ClickHouse Strings; those of rows without one are left out where `dense`. */
  texts(
    slot: BlockSlot,
    first: number,
    count: number,
    dense: boolean,
    use: (bytes: Uint8Array) => void,
  ): void {
    for (let done = 0; done < count; ) {
      const now = this.calls.texts(
        slot.kindsAt,
        slot.valuesAt,
        first + done,
        count - done,
        dense ? 1 : 0,
        this.outAt,
        outBytes,
      );
      use(this.memory.subarray(this.outAt, this.outAt + this.calls.written.value));
      // No text of a block is longer than the room for some.
      done += now;
    }
  }

  /**
   * Hands on where the texts of some rows begin in their lines, which are the texts of `lines`, and how long they are: see
   * `assembly/shared/block-slices.ts`. `elsewhere` are those that begin at 2^32 - 1, for they are no parts of their lines; `bytes` is what
   * all others have, each behind its length; `texts` is what all have, with one more for each.
   */
  slices(
    slot: BlockSlot,
    lines: BlockSlot,
    first: number,
    count: number,
    dense: boolean,
    use: (starts: Uint32Array, sizes: Uint32Array, elsewhere: number, bytes: number, texts: number) => void,
  ): void {
    const starts = this.outAt / 4;
    const sizes = starts + blockRows;
    const told = this.calls.slices(
      slot.kindsAt,
      slot.valuesAt,
      lines.valuesAt,
      first,
      count,
      dense ? 1 : 0,
      starts * 4,
      sizes * 4,
    );
    const written = told & 0xffff;
    const words = this.words;
    use(
      words.subarray(starts, starts + written),
      words.subarray(sizes, sizes + written),
      told >>> 16,
      this.calls.sliced.value,
      this.calls.sliceTexts.value,
    );
  }

  /** Bytes of some of the lines that were begun with, their newlines among them. */
  lineBytes(first: number, count: number): number {
    return this.calls.spans(this.#rowsAt, first, count, 0, 3);
  }

  /** Bytes of their texts. */
  lineTextBytes(first: number, count: number): number {
    return this.calls.spans(this.#rowsAt, first, count, 1, 2);
  }

  /** How many of the first rows of a mask are 1. */
  ones(mask: number, count: number): number {
    return this.counts(mask, 0, 1, 0, count)[0]!;
  }

  /** Counts the ones in rows of masks that lie `stride` bytes apart. Void with the next call. */
  counts(base: number, stride: number, masks: number, first: number, count: number): Uint32Array {
    this.calls.counts(base, stride, masks, first, count, this.#countsAt);
    return this.words.subarray(this.#countsAt / 4, this.#countsAt / 4 + masks);
  }
}
