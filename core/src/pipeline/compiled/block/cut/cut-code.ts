import {
  type BlockKernel,
  type BlockSlot,
  Code,
  type EmittedModule,
  type Label,
  type Local,
} from "../../../../kernels/index.ts";
import { type Automaton, overlaps, type Regex } from "../../../regex/index.ts";
import { isNeverEmpty, lastOf, Unwritten } from "./outlook.ts";
import { RegexCode } from "./regex-code.ts";

/** A part of a text that is cut. */
export interface CodePart {
  readonly regex: Regex;
  /** What finds it where it has no code. */
  readonly automaton: Automaton | undefined;
  /** Where it goes. */
  readonly target: BlockSlot | undefined;
}

/** What code of a pipeline is written into, and what it works in. */
export interface CutSpace {
  readonly module: EmittedModule;
  /** The number of `find` in it. */
  readonly find: number;
  readonly kernel: BlockKernel;
  /** Becomes 1 for rows that are left to the plain program. */
  readonly open: number;
}

/** White space as `trim` has it among ASCII. */
const blanks = [9, 13, 32, 32];
const textKind = 1;
/** What `find` of the kernel gives where it does not know. */
const notKnown = 1;

function isBlank(code: Code, byte: Local): void {
  code.tee(byte).i32(32).op("i32Eq").get(byte).i32(9).op("i32Sub").i32(4).op("i32LeU", "i32Or");
}

/** Writes one step that cuts texts as a function of WebAssembly. */
export class CutCode {
  readonly #space: CutSpace;
  readonly #source: BlockSlot;
  readonly #code: Code;
  readonly #count: Local;
  readonly #mask: Local;
  readonly #missed: Local;
  readonly #row: Local;
  readonly #at: Local;
  readonly #to: Local;
  readonly #end: Local;
  readonly #byte: Local;

  /**
   * The name of a function that takes how many rows there are, where the mask of those to cut is, and where one becomes 1 for those that
   * do not match. Throws Unwritten where a part has neither code nor an automaton.
   */
  static write(space: CutSpace, source: BlockSlot, parts: readonly CodePart[]): string {
    // What is written by the part that comes last would be found first.
    const targets = parts.flatMap(({ target }) => target ?? []);
    if (new Set(targets).size < targets.length) throw new Unwritten();
    const cut = new CutCode(space, source);
    cut.#all(parts);
    return space.module.add(["i32", "i32", "i32"], cut.#code);
  }

  private constructor(space: CutSpace, source: BlockSlot) {
    this.#space = space;
    this.#source = source;
    const code = new Code(3, (bytes) => space.kernel.lay(bytes));
    this.#code = code;
    [this.#count, this.#mask, this.#missed] = [code.parameter(0), code.parameter(1), code.parameter(2)];
    [this.#row, this.#byte] = [code.local("i32"), code.local("i32")];
    [this.#at, this.#to, this.#end] = [code.local("i32"), code.local("i32"), code.local("i32")];
  }

  /** The loop over the rows of the mask, sixteen by sixteen. */
  #all(parts: readonly CodePart[]): void {
    const code = this.#code;
    const count = this.#count;
    const first = code.local("i32");
    const bits = code.local("i32");
    const ones = new Array<number>(16).fill(1);
    const kept = parts.map(({ target }) => (target ? code.local("i64") : undefined));
    code.block((out) => {
      code.loop((next) => {
        code.get(first).get(count).op("i32GeU").brIf(out);
        code.get(this.#missed).get(first).op("i32Add").bytes16([]).store16();
        code.get(this.#mask).get(first).op("i32Add").load16().bytes16(ones).wide("eq", "bitmask").set(bits);
        code.get(first).i32(16).op("i32Add").get(count).op("i32GtU");
        code.if(() => {
          code
            .get(bits)
            .i32(1)
            .get(count)
            .get(first)
            .op("i32Sub", "i32Shl")
            .i32(1)
            .op("i32Sub", "i32And")
            .set(bits);
        });
        code.block((none) => {
          code.loop((again) => {
            code.get(bits).op("i32Eqz").brIf(none);
            code.get(first).get(bits).op("i32Ctz", "i32Add").set(this.#row);
            code.get(bits).get(bits).i32(1).op("i32Sub", "i32And").set(bits);
            this.#one(parts, kept);
            code.br(again);
          });
        });
        code.get(first).i32(16).op("i32Add").set(first).br(next);
      });
    });
  }

  #one(parts: readonly CodePart[], kept: readonly (Local | undefined)[]): void {
    const code = this.#code;
    const source = this.#source;
    code.block((done) => {
      code.block((unknown) => {
        code.block((miss) => {
          code.get(this.#row).at("i32Load8", source.kindsAt).i32(textKind).op("i32Ne").brIf(unknown);
          this.#place().at("i32Load", source.valuesAt).set(this.#at);
          this.#place()
            .at("i32Load", source.valuesAt + 4)
            .set(this.#end);
          this.#trim(miss);
          this.#kept(parts, kept, miss, unknown);
          code.br(done);
        });
        code.get(this.#missed).get(this.#row).op("i32Add").i32(1).at("i32Store8");
        code.br(done);
      });
      code.get(this.#row).i32(1).at("i32Store8", this.#space.open);
    });
  }

  /** Leaves where the value of the row is, behind that of the first. */
  #place(): Code {
    return this.#code.get(this.#row).i32(3).op("i32Shl");
  }

  /** Takes white space off both ends; misses where nothing is left. */
  #trim(miss: Label): void {
    const code = this.#code;
    code.loop((again) => {
      code.get(this.#at).get(this.#end).op("i32GeU").brIf(miss);
      code.get(this.#at).at("i32Load8");
      isBlank(code, this.#byte);
      code.if(() => code.get(this.#at).i32(1).op("i32Add").set(this.#at).br(again));
    });
    this.#trimEnd(this.#end);
  }

  /** Moves an end before the white space in front of it. The text begins with none. */
  #trimEnd(end: Local): void {
    const code = this.#code;
    code.get(end).i32(1).op("i32Sub").at("i32Load8").i32(33).op("i32LtU");
    code.if(() =>
      code.loop((again) => {
        code.get(end).i32(1).op("i32Sub").at("i32Load8");
        isBlank(code, this.#byte);
        code.if(() => code.get(end).i32(1).op("i32Sub").set(end).br(again));
      }),
    );
  }

  /** Cuts, and writes what was reached: a text may end behind any part. */
  #kept(parts: readonly CodePart[], kept: readonly (Local | undefined)[], miss: Label, unknown: Label): void {
    const code = this.#code;
    const targets = parts.flatMap(({ target }, index) => (target ? [{ target, value: kept[index]! }] : []));
    const reached: Label[] = [];
    const nest = (number: number): void => {
      code.block((label) => {
        reached.push(label);
        if (number === targets.length) this.#parts(parts, kept, reached, miss, unknown);
        else nest(number + 1);
      });
      const own = targets[number - 1];
      if (!own) return;
      code.get(this.#row).i32(textKind).at("i32Store8", own.target.kindsAt);
      this.#place().get(own.value).at("i64Store", own.target.valuesAt);
    };
    nest(0);
  }

  #parts(
    parts: readonly CodePart[],
    kept: readonly (Local | undefined)[],
    reached: readonly Label[],
    miss: Label,
    unknown: Label,
  ): void {
    const code = this.#code;
    let done = 0;
    for (const [index, part] of parts.entries()) {
      if (index > 0) {
        code.get(this.#at).get(this.#end).op("i32GeU").brIf(reached[done]!);
        // The text does not end with white space.
        code.get(this.#at).at("i32Load8").i32(33).op("i32LtU");
        code.if(() =>
          code.loop((again) => {
            code.get(this.#at).at("i32Load8");
            isBlank(code, this.#byte);
            code.if(() => code.get(this.#at).i32(1).op("i32Add").set(this.#at).br(again));
          }),
        );
      }
      this.#part(part, miss, unknown);
      const value = kept[index];
      if (value) {
        this.#keep(part.regex, value);
        done++;
      }
      code.get(this.#to).set(this.#at);
    }
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

  #keep(regex: Regex, value: Local): void {
    const code = this.#code;
    const end = code.local("i32");
    code.get(this.#to).set(end);
    if (overlaps(lastOf(regex), blanks)) this.#trimEnd(end);
    code.get(this.#at).op("i64Extend").get(end).op("i64Extend").i64(32n).op("i64Shl", "i64Or").set(value);
  }
}
