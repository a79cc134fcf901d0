import type { BlockSlot, Code, Label, Local } from "../../../../kernels/index.ts";
import type { Regex } from "../../../regex/index.ts";
import { type CutSpace, functionOf, placesOf } from "./carried-code.ts";
import type { CodePart } from "./code-part.ts";
import { HeadCode, headOf } from "./head-code.ts";
import { keepNumber } from "./number-code.ts";
import { endingOf, isNeverEmpty, Unwritten } from "./outlook.ts";
import { RegexCode } from "./regex-code.ts";
import { RowsCode, takesRows, textKind } from "./rows-code.ts";

/** What is kept of a part: where it begins and ends, or its number; which of them it is, where it may be either. */
interface Kept {
  readonly value: Local;
  readonly kind: Local | undefined;
}

/** Parts that are cut one behind another. */
interface Chain {
  readonly parts: readonly CodePart[];
  readonly kept: readonly (Kept | undefined)[];
  /** How many of them are a head that is known of the text before. */
  readonly head: number;
  readonly known: HeadCode | undefined;
}

/** White space as `trim` has it among ASCII. */
const blanks = [9, 13, 32, 32];
/** What `find` of the kernel gives where it does not know. */
const notKnown = 1;

/** Writes one step that cuts texts as a function of WebAssembly. */
export class CutCode {
  readonly #space: CutSpace;
  readonly #source: BlockSlot;
  readonly #rows: RowsCode;
  readonly #code: Code;
  readonly #row: Local;
  readonly #at: Local;
  readonly #to: Local;
  readonly #end: Local;

  /**
   * The name of a function that takes how many rows there are, where the mask of those to cut is, and where one becomes 1 for those that
   * do not match. Throws Unwritten where a part has neither code nor an automaton.
   */
  static write(space: CutSpace, source: BlockSlot, parts: readonly CodePart[]): string {
    // What is written by the part that comes last would be found first.
    const targets = parts.flatMap(({ target }) => target ?? []);
    if (new Set(targets).size < targets.length) throw new Unwritten();
    const what = [
      "cut",
      placesOf(source),
      parts.map(({ regex, automaton, target, toNumber }) => [
        regex,
        automaton !== undefined,
        placesOf(target),
        toNumber,
      ]),
    ];
    const automata = parts.map(({ automaton }) => automaton);
    return functionOf(space, { takes: takesRows, what, automata }, (place) =>
      CutCode.#written(place, source, parts),
    );
  }

  static #written(space: CutSpace, source: BlockSlot, parts: readonly CodePart[]): Code {
    const cut = new CutCode(space, source);
    const kept = parts.map(
      ({ target, toNumber }): Kept | undefined =>
        target && { value: cut.#code.local("i64"), kind: toNumber ? cut.#code.local("i32") : undefined },
    );
    const head = headOf(parts);
    const values = kept.slice(0, head).flatMap((own) => own?.value ?? []);
    const known = head > 0 ? new HeadCode(cut.#code, parts[head - 1]!, values) : undefined;
    cut.#rows.each(() => cut.#one({ parts, kept, head, known }));
    return cut.#code;
  }

  private constructor(space: CutSpace, source: BlockSlot) {
    this.#space = space;
    this.#source = source;
    this.#rows = new RowsCode(space.kernel);
    const { code, row } = this.#rows;
    this.#code = code;
    this.#row = row;
    [this.#at, this.#to, this.#end] = [code.local("i32"), code.local("i32"), code.local("i32")];
  }

  #one(chain: Chain): void {
    const code = this.#code;
    const source = this.#source;
    code.block((done) => {
      code.block((unknown) => {
        code.block((miss) => {
          code.get(this.#row).at("i32Load8", source.kindsAt).i32(textKind).op("i32Ne").brIf(unknown);
          this.#rows.read(source, this.#at, this.#end);
          this.#rows.trim(this.#at, this.#end, miss);
          this.#kept(chain, miss, unknown);
          code.br(done);
        });
        this.#rows.mark();
        code.br(done);
      });
      code.get(this.#row).i32(1).at("i32Store8", this.#space.open);
    });
  }

  /** Cuts, and writes what was reached: a text may end behind any part. */
  #kept(chain: Chain, miss: Label, unknown: Label): void {
    const code = this.#code;
    const { parts, kept } = chain;
    const targets = parts.flatMap(({ target }, index) => (target ? [{ target, ...kept[index]! }] : []));
    const reached: Label[] = [];
    const nest = (number: number): void => {
      code.block((label) => {
        reached.push(label);
        if (number === targets.length) this.#parts(chain, reached, miss, unknown);
        else nest(number + 1);
      });
      const own = targets[number - 1];
      if (!own) return;
      code.get(this.#row);
      if (own.kind) code.get(own.kind);
      else code.i32(textKind);
      code.at("i32Store8", own.target.kindsAt);
      this.#rows.place().get(own.value).at("i64Store", own.target.valuesAt);
    };
    nest(0);
  }

  #parts({ parts, kept, head, known }: Chain, reached: readonly Label[], miss: Label, unknown: Label): void {
    const code = this.#code;
    let done = 0;
    const cut = (from: number, to: number): void => {
      for (let index = from; index < to; index++) {
        const { [index]: part } = parts;
        if (index > 0) {
          code.get(this.#to).tee(this.#at).get(this.#end).op("i32GeU").brIf(reached[done]!);
          this.#rows.passBlanks(this.#at);
        }
        this.#part(part!, miss, unknown);
        const own = kept[index];
        if (!own) continue;
        this.#keep(part!.regex, own);
        done++;
      }
    };
    known?.write(this.#at, this.#to, this.#end, () => cut(0, head));
    cut(head, parts.length);
  }

  /** Moves `to` behind the match at `at`. */
  #part({ regex, automaton }: CodePart, miss: Label, unknown: Label): void {
    const code = this.#code;
    const mark = code.mark();
    try {
      code.get(this.#at).set(this.#to);
      new RegexCode(code, this.#to, this.#end).write(regex, miss);
      if (!isNeverEmpty(regex)) code.get(this.#to).get(this.#at).op("i32Eq").brIf(miss);
    } catch (error) {
      if (!(error instanceof Unwritten)) throw error;
      code.reset(mark);
      if (!automaton) throw error;
      this.#search(this.#space.kernel.tableWords(automaton), miss, unknown);
    }
  }

  #search(words: number, miss: Label, unknown: Label): void {
    const code = this.#code;
    code.get(this.#at).get(this.#end);
    for (const offset of [0, 4, 8]) code.i32(words).at("i32Load", offset);
    code.call(this.#space.find).tee(this.#to).i32(notKnown).op("i32Eq").brIf(unknown);
    code.get(this.#to).get(this.#at).op("i32LeU").brIf(miss);
  }

  #keep(regex: Regex, { value, kind }: Kept): void {
    const code = this.#code;
    const end = code.local("i32");
    const ending = endingOf(regex, blanks);
    code.get(this.#to);
    if (ending === "space") code.i32(1).op("i32Sub");
    else if (ending === "spaceOrEnd")
      code.get(this.#to).i32(1).op("i32Sub").at("i32Load8").i32(32).op("i32Eq", "i32Sub");
    code.set(end);
    if (ending === "any") this.#rows.trimEnd(end);
    code.get(this.#at).op("i64Extend").get(end).op("i64Extend").i64(32n).op("i64Shl", "i64Or").set(value);
    if (kind) {
      code.i32(textKind).set(kind);
      keepNumber(code, this.#at, end, value, kind);
    }
  }
}
