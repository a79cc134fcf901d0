import { Code, type Local } from "../../../../kernels/index.ts";
import type { CodePart } from "./code-part.ts";
import { isNeverEmpty, itemsOf, Unwritten } from "./outlook.ts";
import { RegexCode } from "./regex-code.ts";

/** Bytes of three loads at most, and those of one at least. */
const mostBytes = 48;
const leastBytes = 16;
/** Fewest parts that are worth a comparison. */
const fewestParts = 2;

/** Whether what a part finds follows from the bytes that it takes and the one behind these, so that no other byte is any matter. */
function isNear({ regex }: CodePart): boolean {
  const code = new Code(0, () => 0);
  const writer = new RegexCode(code, code.local("i32"), code.local("i32"));
  try {
    code.block((fail) => writer.write(regex, fail));
  } catch (error) {
    if (error instanceof Unwritten) return false;
    throw error;
  }
  return writer.isNear && isNeverEmpty(regex);
}

/**
 * How many parts are the head of a text: those before its first number, such as time, host and program in front of a process's number.
 * Lines in turn often have the same; 0 where there is no such head.
 */
export function headOf(parts: readonly CodePart[]): number {
  const head = parts.findIndex(({ toNumber }) => toNumber);
  const own = parts.slice(0, Math.max(head, 0));
  return own.filter(({ target }) => target).length >= fewestParts && own.every(isNear) ? head : 0;
}

/** Knows the head of the text that was cut last, and what was found in it: a text with the same bytes there has the same. */
export class HeadCode {
  readonly #code: Code;
  /** Bytes that are compared: those of the head and maybe one behind it. More than any text has where none is known. */
  readonly #need: Local;
  readonly #behind: 0 | 1;
  /** Where the three loads begin, behind the text's own place, and what they had. */
  readonly #offsets: readonly [Local, Local];
  readonly #bytes: readonly [Local, Local, Local];
  readonly #base: Local;
  readonly #begin: Local;
  /** What was found, from the beginning of the text on. */
  readonly #found: readonly Local[];
  readonly #values: readonly Local[];

  /** `last` is the last part of the head; `values` are where parts of it begin and end, each as one number. */
  constructor(code: Code, { regex }: CodePart, values: readonly Local[]) {
    this.#code = code;
    // What ends with one character looks no further.
    this.#behind = itemsOf(regex).at(-1)?.kind === "set" ? 0 : 1;
    this.#need = code.local("i32");
    this.#offsets = [code.local("i32"), code.local("i32")];
    this.#bytes = [code.local("v128"), code.local("v128"), code.local("v128")];
    this.#base = code.local("i64");
    this.#begin = code.local("i32");
    this.#found = values.map(() => code.local("i64"));
    this.#values = values;
    code.i32(-1).set(this.#need);
  }

  /** Cuts the head at a place with `fresh`, unless it is known; `to` is behind it then. */
  write(at: Local, to: Local, end: Local, fresh: () => void): void {
    const code = this.#code;
    const [middle, last] = this.#offsets;
    code.block((known) => {
      code.block((other) => {
        code.get(end).get(at).op("i32Sub").get(this.#need).op("i32LtU").brIf(other);
        code.get(at).load16().get(this.#bytes[0]).wide("eq");
        code.get(at).get(middle).op("i32Add").load16().get(this.#bytes[1]).wide("eq", "and");
        code.get(at).get(last).op("i32Add").load16().get(this.#bytes[2]).wide("eq", "and", "allTrue");
        code.op("i32Eqz").brIf(other);
        this.#setBase(at);
        for (const [index, value] of this.#values.entries())
          code.get(this.#found[index]!).get(this.#base).op("i64Add").set(value);
        code.get(at).get(this.#need).op("i32Add").i32(this.#behind).op("i32Sub").set(to).br(known);
      });
      code.get(at).set(this.#begin);
      fresh();
      this.#note(to, end);
    });
  }

  #setBase(at: Local): void {
    this.#code.get(at).op("i64Extend").i64(0x1_0000_0001n).op("i64Mul").set(this.#base);
  }

  #note(to: Local, end: Local): void {
    const code = this.#code;
    const [middle, last] = this.#offsets;
    const size = (): Code => code.get(to).get(this.#begin).op("i32Sub").i32(this.#behind).op("i32Add");
    // A head at the end of its text ends there for want of bytes.
    code.get(to).get(end).op("i32LtU");
    size()
      .i32(leastBytes)
      .op("i32Sub")
      .i32(mostBytes - leastBytes)
      .op("i32LeU", "i32And");
    code.if(() => {
      size()
        .tee(this.#need)
        .i32(leastBytes)
        .op("i32Sub")
        .tee(last)
        .i32(16)
        .get(last)
        .i32(16)
        .op("i32LtU", "select")
        .set(middle);
      code.get(this.#begin).load16().set(this.#bytes[0]);
      code.get(this.#begin).get(middle).op("i32Add").load16().set(this.#bytes[1]);
      code.get(this.#begin).get(last).op("i32Add").load16().set(this.#bytes[2]);
      this.#setBase(this.#begin);
      for (const [index, value] of this.#values.entries())
        code.get(value).get(this.#base).op("i64Sub").set(this.#found[index]!);
    });
  }
}
