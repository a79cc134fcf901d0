import type { Code, Label, Local } from "../../../../kernels/index.ts";
import { type CharSet, mayBeEmpty, overlaps, type Regex, union } from "../../../regex/index.ts";
import {
  asciiOf,
  charOf,
  isIn,
  passFew,
  passOver,
  requireSets,
  toFirst,
  toLast,
  toLastAmong,
  toLastChar,
} from "./bytes-code.ts";
import { accepted, excludes, type Follow, isDecided, itemsOf, outlookOf, Unwritten } from "./outlook.ts";
import { passWindow, windowOf } from "./window-code.ts";

/** Bytes of code that one expression may take: with the number of its loops it bounds the time that a byte may take. */
const mostCode = 3_000;
const mostDepth = 40;
/** Rounds of a loop that are written one by one. */
const mostRounds = 8;
const mostFixed = 256;

type Repeat = Extract<Regex, { kind: "repeat" }>;
type Choice = Extract<Regex, { kind: "choice" }>;

const unbounded = Number.POSITIVE_INFINITY;

/** The sets of a sequence of so many characters; undefined where it is none. */
function setsOf(item: Regex): readonly CharSet[] | undefined {
  if (item.kind === "set") return [item.set];
  if (item.kind !== "repeat" || item.item.kind !== "set" || item.min !== item.max) return undefined;
  return item.max > mostFixed ? undefined : new Array<CharSet>(item.max).fill(item.item.set);
}

/** A text of ASCII that a sequence is; undefined where it is none. */
function textOf(items: readonly Regex[]): string | undefined {
  const chars = items.map((item) => (item.kind === "set" ? charOf(item.set) : undefined));
  return chars.length === 0 || !chars.every((char) => char !== undefined)
    ? undefined
    : String.fromCharCode(...chars);
}

/** True when no text can begin with a match of two of some ways. */
const areExclusive = (ways: readonly (readonly Regex[])[], follow: Follow): boolean =>
  ways.every((way, index) => ways.every((other, at) => at <= index || excludes(way, other, follow)));

/**
 * Writes an expression as code that finds what a backtracking engine finds at one place of an ASCII text. What comes next decides, or a
 * few ways are tried in their order; a loop is never tried again with fewer rounds, so that the time grows with the text alone.
 * Throws Unwritten for other expressions.
 */
export class RegexCode {
  readonly #code: Code;
  /** Where the match has come to. */
  readonly #at: Local;
  readonly #end: Local;
  readonly #most: number;
  #near = true;

  constructor(code: Code, at: Local, end: Local) {
    this.#code = code;
    this.#at = at;
    this.#end = end;
    this.#most = code.size + mostCode;
  }

  /** True where what was written so far finds what follows from the bytes of the match and the one behind it, whatever comes then. */
  get isNear(): boolean {
    return this.#near;
  }

  /** Moves the place behind the match, or branches away. */
  write(regex: Regex, fail: Label): void {
    this.#sequence(itemsOf(regex), accepted, fail, 0);
  }

  #sequence(items: readonly Regex[], after: Follow, fail: Label, depth: number): void {
    if (this.#code.size > this.#most || depth > mostDepth) throw new Unwritten();
    let fixed: CharSet[] = [];
    const flush = (): void => {
      if (fixed.length > 0) this.#fixed(fixed, fail);
      fixed = [];
    };
    for (const [index, item] of items.entries()) {
      const window = windowOf(items.slice(index), after);
      if (window) {
        flush();
        passWindow(this.#code, this.#at, this.#end, window.runs, fail);
        this.#sequence(window.rest, after, fail, depth + 1);
        return;
      }
      const sets = setsOf(item);
      if (sets) {
        fixed.push(...sets);
        continue;
      }
      flush();
      const rest = items.slice(index + 1);
      if (this.#item(item, rest, after, fail, depth + 1)) return;
    }
    flush();
  }

  #fixed(sets: readonly CharSet[], fail: Label): void {
    const code = this.#code;
    if (sets.length > mostFixed) throw new Unwritten();
    code.get(this.#at).i32(sets.length).op("i32Add").get(this.#end).op("i32GtU").brIf(fail);
    requireSets(code, this.#at, sets, fail);
    this.#move(sets.length);
  }

  #move(by: number): void {
    this.#code.get(this.#at).i32(by).op("i32Add").set(this.#at);
  }

  /** True where it has written what comes behind the item too. */
  #item(item: Regex, rest: readonly Regex[], after: Follow, fail: Label, depth: number): boolean {
    switch (item.kind) {
      case "assert":
        if (item.assert !== "end") throw new Unwritten();
        this.#near = false;
        this.#code.get(this.#at).get(this.#end).op("i32Ne").brIf(fail);
        return false;
      case "choice":
        return this.#choice(item, rest, after, fail, depth);
      case "repeat":
        if (item.max === 0) return false;
        return item.item.kind === "set"
          ? this.#setLoop(item, item.item.set, rest, after, fail, depth)
          : this.#loop(item, rest, after, fail, depth);
      default:
        this.#sequence([...itemsOf(item), ...rest], after, fail, depth);
        return true;
    }
  }

  /** Tries ways in their order; each has everything up to the end of the match. */
  #tries(
    ways: readonly (readonly Regex[])[],
    after: Follow,
    fail: Label,
    depth: number,
    isWhole: boolean,
  ): void {
    // What comes behind would have to be tried with each of them.
    if (!isWhole && !after.sure) throw new Unwritten();
    // A way that was tried before the one that matches may have looked further, unless this one says that it fails.
    if (!isWhole) this.#near &&= areExclusive(ways, after);
    const code = this.#code;
    const before = code.local("i32");
    code.get(this.#at).set(before);
    code.block((done) => {
      for (const [index, way] of ways.entries()) {
        if (index === ways.length - 1) {
          this.#sequence(way, after, fail, depth + 1);
          continue;
        }
        code.block((next) => {
          this.#sequence(way, after, next, depth + 1);
          code.br(done);
        });
        code.get(before).set(this.#at);
      }
    });
  }

  #choice({ items }: Choice, rest: readonly Regex[], after: Follow, fail: Label, depth: number): boolean {
    const ways = items.map(itemsOf);
    const follow = outlookOf(rest, after);
    if (areExclusive(ways, follow) && ways.every((way) => this.#isLocal(way, follow))) {
      this.#tries(ways, follow, fail, depth, true);
      return false;
    }
    this.#tries(
      ways.map((way) => [...way, ...rest]),
      after,
      fail,
      depth,
      false,
    );
    return true;
  }

  /** True when a sequence needs to know no more of what comes behind it than how that begins. */
  #isLocal(items: readonly Regex[], after: Follow): boolean {
    return items.every((item, index) => {
      if (item.kind === "choice") return false;
      if (item.kind !== "repeat" || item.min === item.max)
        return item.kind !== "repeat" || item.item.kind === "set";
      if (item.item.kind !== "set") return false;
      const rest = outlookOf(items.slice(index + 1), after);
      return item.greedy ? isDecided(item.item.set, rest) : false;
    });
  }

  #setLoop(
    { min, max, greedy }: Repeat,
    set: CharSet,
    rest: readonly Regex[],
    after: Follow,
    fail: Label,
    depth: number,
  ): boolean {
    const follow = outlookOf(rest, after);
    // A loop that has one place to stop is the same, lazy or not.
    const one = !follow.empty && !overlaps(set, follow.first);
    if (greedy ? isDecided(set, follow) : one) {
      this.#pass(set, min, max, fail);
      return false;
    }
    const text = textOf(rest);
    if (text !== undefined && after.sure) {
      this.#searched(set, min, max, greedy, text, fail);
      return true;
    }
    if (max - min > 2) throw new Unwritten();
    const item: Regex = { kind: "set", set };
    const counts = Array.from({ length: max - min + 1 }, (_, index) => (greedy ? max - index : min + index));
    this.#tries(
      counts.map((count) => [...new Array<Regex>(count).fill(item), ...rest]),
      after,
      fail,
      depth,
      false,
    );
    return true;
  }

  /** Where a loop may go to at most, from where it stands. */
  #limit(max: number): Local {
    const code = this.#code;
    if (max === unbounded) return this.#end;
    const limit = code.local("i32");
    code.get(this.#at).i32(max).op("i32Add").tee(limit).get(this.#end);
    code.get(limit).get(this.#end).op("i32LtU", "select").set(limit);
    return limit;
  }

  #pass(set: CharSet, min: number, max: number, fail: Label): void {
    const code = this.#code;
    if (min > 0x1000_0000 || (max !== unbounded && max > 0x1000_0000)) throw new Unwritten();
    if (min === 0 && max === 1) {
      code.get(this.#at).get(this.#end).op("i32LtU");
      code.if(() => {
        code.get(this.#at).get(this.#at).at("i32Load8");
        isIn(code, asciiOf(set));
        code.op("i32Add").set(this.#at);
      });
      return;
    }
    if (max < 16) {
      passFew(code, this.#at, this.#end, set, max);
      code.i32(min).op("i32LtU").brIf(fail);
      return;
    }
    const limit = this.#limit(max);
    const before = code.local("i32");
    if (min > 0) code.get(this.#at).set(before);
    passOver(code, this.#at, limit, set);
    if (min > 0) code.get(this.#at).get(before).op("i32Sub").i32(min).op("i32LtU").brIf(fail);
  }

  /** A loop up to the last, or the first, place where a text follows. */
  #searched(set: CharSet, min: number, max: number, greedy: boolean, text: string, fail: Label): void {
    const code = this.#code;
    if (min > 0x1000_0000 || (max !== unbounded && max > 0x1000_0000)) throw new Unwritten();
    this.#near = false;
    if (greedy && text.length === 1 && min === 0 && max === unbounded) {
      toLastChar(code, this.#at, this.#end, set, text, fail);
      return;
    }
    const stop = code.local("i32");
    const limit = this.#limit(max);
    if (greedy && min === 0) {
      toLastAmong(code, this.#at, limit, this.#end, set, text, fail);
      return;
    }
    code.get(this.#at).set(stop);
    passOver(code, stop, limit, set);
    if (min > 0) {
      code.get(stop).get(this.#at).op("i32Sub").i32(min).op("i32LtU").brIf(fail);
      this.#move(min);
    }
    const search = greedy ? toLast : toFirst;
    search(code, this.#at, stop, this.#end, text, fail);
  }

  #loop(
    { item, min, max, greedy }: Repeat,
    rest: readonly Regex[],
    after: Follow,
    fail: Label,
    depth: number,
  ): boolean {
    const own = itemsOf(item);
    // An empty round is where engines differ.
    if (min < max && mayBeEmpty(item)) throw new Unwritten();
    const { first } = outlookOf(own, { first: [], empty: true, sure: false });
    if (max !== unbounded) {
      if (max > mostRounds) throw new Unwritten();
      const rounds = new Array<Regex>(min).fill(item);
      if (max > min) rounds.push(this.#optional(item, max - min, greedy));
      if (min === 0 && max === 1) return this.#maybe(own, greedy, first, rest, after, fail, depth);
      this.#sequence([...rounds.flatMap(itemsOf), ...rest], after, fail, depth);
      return true;
    }
    const follow = outlookOf(rest, after);
    if (!greedy || !isDecided(first, follow)) throw new Unwritten();
    if (min > mostRounds) throw new Unwritten();
    if (min > 0) {
      const more: Regex = { kind: "repeat", item, min: 0, max, greedy };
      const rounds = new Array<Regex>(min).fill(item);
      this.#sequence([...rounds.flatMap(itemsOf), more, ...rest], after, fail, depth);
      return true;
    }
    this.#rounds(own, first, follow, fail, depth);
    return false;
  }

  #optional(item: Regex, most: number, greedy: boolean): Regex {
    const inner = most > 1 ? [...itemsOf(item), this.#optional(item, most - 1, greedy)] : itemsOf(item);
    return { kind: "repeat", item: { kind: "sequence", items: inner }, min: 0, max: 1, greedy };
  }

  #maybe(
    own: readonly Regex[],
    greedy: boolean,
    first: CharSet,
    rest: readonly Regex[],
    after: Follow,
    fail: Label,
    depth: number,
  ): boolean {
    const code = this.#code;
    const follow = outlookOf(rest, after);
    if (!follow.empty && !overlaps(first, follow.first) && this.#isLocal(own, follow)) {
      this.#begins(first);
      code.if(() => this.#sequence(own, follow, fail, depth + 1));
      return false;
    }
    const ways = [[...own, ...rest], rest];
    this.#tries(greedy ? ways : ways.toReversed(), after, fail, depth, false);
    return true;
  }

  /** Leaves whether the next character is in a set. */
  #begins(set: CharSet): void {
    const code = this.#code;
    code.get(this.#at).at("i32Load8");
    isIn(code, asciiOf(set));
    code.get(this.#at).get(this.#end).op("i32LtU", "i32And");
  }

  /** Rounds of a loop without bound, as many as there are. */
  #rounds(own: readonly Regex[], first: CharSet, follow: Follow, fail: Label, depth: number): void {
    const code = this.#code;
    this.#near = false;
    const again: Follow = { first: union(first, follow.first), empty: follow.empty, sure: follow.sure };
    const [only] = own;
    // Of a choice between single characters and more, the characters go by together.
    const ways = own.length === 1 && only?.kind === "choice" ? only.items.map(itemsOf) : [own];
    const single = ways.find(
      (way): way is [Extract<Regex, { kind: "set" }>] => way.length === 1 && way[0]!.kind === "set",
    );
    const others = ways.filter((way) => way !== single);
    if (others.length > 1 || others.some((way) => !this.#isLocal(way, again))) throw new Unwritten();
    const [other] = others;
    if (single && other && !excludes(single, other, again)) throw new Unwritten();
    if (!other) {
      passOver(code, this.#at, this.#end, single![0].set);
      return;
    }
    const before = code.local("i32");
    const begin = outlookOf(other, again).first;
    code.block((out) => {
      code.block((undo) => {
        code.loop((next) => {
          if (single) passOver(code, this.#at, this.#end, single[0].set);
          this.#begins(begin);
          code.op("i32Eqz").brIf(out);
          code.get(this.#at).set(before);
          this.#sequence(other, again, follow.sure ? undo : fail, depth + 1);
          code.br(next);
        });
      });
      code.get(before).set(this.#at);
    });
  }
}
