import {
  type CharSet,
  digit,
  dot,
  everything,
  foldCase,
  negate,
  normalize,
  posix,
  space,
  word,
} from "./sets.ts";

/** A regular expression as a tree. Groups are gone: only the whole match counts here. */
export type Regex =
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "sequence"; readonly items: readonly Regex[] }
  | { readonly kind: "choice"; readonly items: readonly Regex[] }
  | {
      readonly kind: "repeat";
      readonly item: Regex;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  | {
      readonly kind: "assert";
      readonly assert: "start" | "end" | "lineStart" | "lineEnd" | "boundary" | "noBoundary";
    };

/** Thrown for syntax that only the RE2 engine handles. */
export class Unsupported extends Error {}

interface Flags {
  readonly fold: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
  readonly lazy: boolean;
}

const perl: Readonly<Record<string, CharSet>> = {
  d: digit,
  D: negate(digit),
  w: word,
  W: negate(word),
  s: space,
  S: negate(space),
};
const control: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const asserts = { A: "start", z: "end", b: "boundary", B: "noBoundary" } as const;

/** Parses the syntax of Go that has been checked by the RE2 engine before, so mistakes need no good message here. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Regex {
    const regex = this.#choice({ fold: false, lines: false, dotAll: false, lazy: false });
    if (this.#at < this.#text.length) throw new Unsupported("unbalanced group");
    return regex;
  }

  #peek(): string {
    return this.#text[this.#at] ?? "";
  }

  #accept(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #choice(outer: Flags): Regex {
    let flags = outer;
    const branches: Regex[] = [];
    let items: Regex[] = [];
    for (;;) {
      const char = this.#peek();
      if (char === "" || char === ")") break;
      if (this.#accept("|")) {
        branches.push(sequence(items));
        items = [];
        continue;
      }
      const changed = this.#match(/\(\?([imsU-]+)\)/y);
      if (changed) flags = withFlags(flags, changed[1]!);
      else this.#atom(flags, items);
    }
    if (branches.length === 0) return sequence(items);
    return { kind: "choice", items: [...branches, sequence(items)] };
  }

  #atom(flags: Flags, items: Regex[]): void {
    const quoted = this.#match(/\\Q(.*?)(?:\\E|$)/sy);
    if (quoted) {
      const points = [...quoted[1]!];
      for (const [index, point] of points.entries()) {
        const item = literal(point.codePointAt(0)!, flags);
        items.push(index === points.length - 1 ? this.#repeat(item, flags) : item);
      }
      return;
    }
    items.push(this.#repeat(this.#one(flags), flags));
  }

  #one(flags: Flags): Regex {
    if (this.#accept("(")) return this.#group(flags);
    if (this.#accept("[")) return { kind: "set", set: this.#class(flags) };
    if (this.#accept(".")) return { kind: "set", set: flags.dotAll ? everything : dot };
    if (this.#accept("^")) return { kind: "assert", assert: flags.lines ? "lineStart" : "start" };
    if (this.#accept("$")) return { kind: "assert", assert: flags.lines ? "lineEnd" : "end" };
    if (this.#peek() === "\\") {
      const assert = this.#match(/\\([AzbB])/y)?.[1] as keyof typeof asserts | undefined;
      if (assert) return { kind: "assert", assert: asserts[assert] };
      const set = this.#perl(flags);
      if (set) return { kind: "set", set };
    }
    return literal(this.#character(), flags);
  }

  #group(flags: Flags): Regex {
    const head = this.#match(/\?(?:P?<[A-Za-z0-9_]+>|([imsU-]*):)/y);
    if (!head && this.#peek() === "?") throw new Unsupported("group");
    const regex = this.#choice(head?.[1] === undefined ? flags : withFlags(flags, head[1]));
    if (!this.#accept(")")) throw new Unsupported("unbalanced group");
    return regex;
  }

  #repeat(first: Regex, flags: Flags): Regex {
    let item = first;
    for (;;) {
      const match = this.#match(/([*+?]|\{(\d+)(,(\d*))?\})(\?)?/y);
      if (!match) return item;
      const [, operator, least, comma, most, lazy] = match;
      const min = least === undefined ? (operator === "+" ? 1 : 0) : Number(least);
      const max =
        least === undefined
          ? operator === "?"
            ? 1
            : Number.POSITIVE_INFINITY
          : comma === undefined
            ? min
            : most === ""
              ? Number.POSITIVE_INFINITY
              : Number(most);
      item = { kind: "repeat", item, min, max, greedy: (lazy === undefined) !== flags.lazy };
    }
  }

  #perl(flags: Flags): CharSet | undefined {
    const name = this.#match(/\\([dDwWsS])/y)?.[1];
    if (name === undefined) return undefined;
    // Under (?i) Go folds these too: \w gains the Kelvin sign and the long s. The RE2 engine knows how.
    if (flags.fold && /[wW]/.test(name)) throw new Unsupported("folded class");
    return perl[name];
  }

  #class(flags: Flags): CharSet {
    const negated = this.#accept("^");
    const ranges: number[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      if (this.#peek() === "") throw new Unsupported("class");
      const named = this.#match(/\[:(\^?)([a-z]+):\]/y);
      const set = named ? posix[named[2]!] : this.#perl(flags);
      if (named && !set) throw new Unsupported("class name");
      if (set) {
        ranges.push(...(named?.[1] ? negate(set) : set));
        continue;
      }
      const from = this.#character();
      const ranged = this.#peek() === "-" && this.#text[this.#at + 1] !== "]" && this.#accept("-");
      ranges.push(from, ranged ? this.#character() : from);
    }
    this.#at++;
    let set = normalize(ranges);
    if (flags.fold) {
      const folded = foldCase(set);
      if (!folded) throw new Unsupported("folded class");
      set = folded;
    }
    return negated ? negate(set) : set;
  }

  /** One character, escaped or not, as a code point. */
  #character(): number {
    const point = this.#text.codePointAt(this.#at);
    if (point === undefined) throw new Unsupported("end");
    if (point !== 92) {
      this.#at += point > 0xffff ? 2 : 1;
      return point;
    }
    const code = this.#match(/\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|([0-7]{3}|0[0-7]{0,2}))/y);
    if (code)
      return code[3] === undefined ? Number.parseInt(code[1] ?? code[2]!, 16) : Number.parseInt(code[3], 8);
    const named = this.#match(/\\([aftnrv])/y)?.[1];
    if (named !== undefined) return control[named]!;
    const plain = this.#match(/\\([^0-9A-Za-z])/uy)?.[1];
    if (plain === undefined) throw new Unsupported("escape");
    return plain.codePointAt(0)!;
  }
}

function literal(point: number, flags: Flags): Regex {
  const set: CharSet = [point, point];
  const folded = flags.fold ? foldCase(set) : set;
  if (!folded) throw new Unsupported("folded character");
  return { kind: "set", set: folded };
}

const sequence = (items: readonly Regex[]): Regex =>
  items.length === 1 ? items[0]! : { kind: "sequence", items };

function withFlags(flags: Flags, change: string): Flags {
  const [on = "", off = ""] = change.split("-");
  const set = (letter: string, now: boolean) => (on.includes(letter) || now) && !off.includes(letter);
  return {
    fold: set("i", flags.fold),
    lines: set("m", flags.lines),
    dotAll: set("s", flags.dotAll),
    lazy: set("U", flags.lazy),
  };
}

/** Parses an expression that the RE2 engine accepts. Throws Unsupported for what has no exact native form. */
export const parseRegex = (text: string): Regex => new Parser(text).parse();
