import type { BlockSlot, Code, Label, Local } from "../../../../kernels/index.ts";
import { type CutSpace, functionOf, placesOf } from "./carried-code.ts";
import { RowsCode } from "./rows-code.ts";

/** What is done to a text without a look at any other field; masks become 1 for the rows that it says. */
export type Touch =
  /** Trims a text, and takes a word off in front or at the end. */
  | { readonly kind: "trim"; readonly atEnd: boolean; readonly word: string }
  /** Takes a text away that is one of some words. `ran` are the rows where it was. */
  | { readonly kind: "delete"; readonly words: readonly string[]; readonly ran: number };

/** What is done to the texts of a slot, in order. */
export interface Touched {
  readonly slot: BlockSlot;
  readonly touches: readonly Touch[];
}

/** Longest word that is compared at once. */
export const mostTouched = 8;

const ones = new Array<number>(16).fill(1);
const noBytes = new Array<number>(16).fill(0);

/** Writes several steps that change texts where they lie as one function, which looks at each text once. */
export class TouchCode {
  readonly #space: CutSpace;
  readonly #code: Code;
  readonly #rows: RowsCode;
  readonly #from: Local;
  readonly #to: Local;
  readonly #others: Local;
  readonly #kinds: Local;
  readonly #found: Local;

  /**
   * The name of a function that takes how many rows there are. `missed` has the mask of each step that trims, which becomes 1 in rows
   * where none of its slots has a value.
   */
  static write(
    space: CutSpace,
    slots: readonly Touched[],
    missed: ReadonlyMap<number, readonly BlockSlot[]>,
  ): string {
    const what = [
      "touch",
      slots.map(({ slot, touches }) => [placesOf(slot), touches]),
      [...missed].map(([mask, some]) => [mask, some.map(placesOf)]),
    ];
    return functionOf(space, { takes: ["i32"], what }, (place) => {
      const touch = new TouchCode(place);
      touch.#write(slots, missed);
      return touch.#code;
    });
  }

  private constructor(space: CutSpace) {
    this.#space = space;
    this.#rows = new RowsCode(space.kernel, 1);
    const { code } = this.#rows;
    this.#code = code;
    [this.#from, this.#to] = [code.local("i32"), code.local("i32")];
    [this.#others, this.#kinds, this.#found] = [code.local("v128"), code.local("v128"), code.local("v128")];
  }

  #write(slots: readonly Touched[], missed: ReadonlyMap<number, readonly BlockSlot[]>): void {
    const code = this.#code;
    const masks = slots.flatMap(({ touches }) =>
      touches.flatMap((touch) => (touch.kind === "delete" ? touch.ran : [])),
    );
    this.#rows.sixteens((first) => {
      for (const mask of masks) code.get(first).bytes16(noBytes).store16(mask);
      for (const [mask, some] of missed) {
        code.bytes16(noBytes).set(this.#found);
        for (const { kindsAt } of some)
          code.get(first).load16(kindsAt).get(this.#found).wide("or").set(this.#found);
        code.get(first).get(this.#found).bytes16(noBytes).wide("eq").bytes16(ones).wide("and").store16(mask);
      }
      for (const { slot, touches } of slots) this.#slot(slot, touches, first);
    });
  }

  #slot(slot: BlockSlot, touches: readonly Touch[], first: Local): void {
    const code = this.#code;
    const texts = code.local("i32");
    code.get(first).load16(slot.kindsAt).tee(this.#kinds);
    code.bytes16(ones).wide("eq").tee(this.#others).wide("bitmask").set(texts);
    // What is trimmed and no text is for the plain program; it is none of the words.
    if (touches.some(({ kind }) => kind === "trim")) {
      code.get(this.#others).get(this.#kinds).bytes16(noBytes).wide("eq", "or").set(this.#others);
      code.bytes16(ones).get(this.#others).wide("andNot").tee(this.#others).wide("anyTrue");
      code.if(() => {
        code.get(first).get(first).load16(this.#space.open).get(this.#others).wide("or");
        code.store16(this.#space.open);
      });
    }
    this.#rows.those(texts, first, () => this.#text(slot, touches));
  }

  #text(slot: BlockSlot, touches: readonly Touch[]): void {
    const code = this.#code;
    const { row } = this.#rows;
    const trims = touches.some(({ kind }) => kind === "trim");
    this.#rows.read(slot, this.#from, this.#to);
    code.block((gone) => {
      let isTrimmed = false;
      for (const touch of touches) {
        if (touch.kind === "trim") {
          if (!isTrimmed) this.#trimEnds("or");
          isTrimmed = true;
          this.#takeOff(touch.word, touch.atEnd);
          continue;
        }
        if (touch.words.length === 0) continue;
        this.#isOneOf(touch.words);
        code.if(() => {
          code.get(row).i32(1).at("i32Store8", touch.ran);
          code.get(row).i32(0).at("i32Store8", slot.kindsAt);
          code.br(gone);
        });
      }
      if (!trims) return;
      this.#rows.place().get(this.#from).op("i64Extend").get(this.#to).op("i64Extend");
      code.i64(32n).op("i64Shl", "i64Or").at("i64Store", slot.valuesAt);
    });
  }

  /** Takes white space off where there may be some: at both ends, or where a word was taken off. */
  #trimEnds(where: "or" | "front" | "end"): void {
    const code = this.#code;
    const isFront = (): Code => code.get(this.#from).at("i32Load8").i32(33).op("i32LtU");
    const isEnd = (): Code => code.get(this.#to).i32(1).op("i32Sub").at("i32Load8").i32(33).op("i32LtU");
    if (where !== "end") isFront();
    if (where !== "front") isEnd();
    if (where === "or") code.op("i32Or");
    code.if(() => code.block((empty: Label) => this.#rows.trim(this.#from, this.#to, empty)));
  }

  #takeOff(word: string, atEnd: boolean): void {
    const code = this.#code;
    const size = word.length;
    code.get(this.#to).get(this.#from).op("i32Sub").i32(size).op("i32GeU");
    this.#holds(word, () => (atEnd ? code.get(this.#to).i32(size).op("i32Sub") : code.get(this.#from)));
    code.op("i32And");
    code.if(() => {
      if (atEnd) code.get(this.#to).i32(size).op("i32Sub").set(this.#to);
      else code.get(this.#from).i32(size).op("i32Add").set(this.#from);
      this.#trimEnds(atEnd ? "end" : "front");
    });
  }

  #isOneOf(words: readonly string[]): void {
    const code = this.#code;
    for (const [index, word] of words.entries()) {
      code.get(this.#to).get(this.#from).op("i32Sub").i32(word.length).op("i32Eq");
      if (word !== "") {
        this.#holds(word, () => code.get(this.#from));
        code.op("i32And");
      }
      if (index > 0) code.op("i32Or");
    }
  }

  /** Leaves whether a word lies at a place. Reads up to 7 bytes past it. */
  #holds(word: string, place: () => Code): void {
    if (word.length === 1) {
      place().at("i32Load8").i32(word.charCodeAt(0)).op("i32Eq");
      return;
    }
    const bytes = Buffer.alloc(8);
    bytes.write(word, "latin1");
    const mask = BigInt.asUintN(8 * word.length, -1n);
    place().at("i64Load").i64(mask).op("i64And").i64(bytes.readBigUInt64LE()).op("i64Eq");
  }
}
