import { type PatternError, searchRegex } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import type { Leaf } from "../filter.ts";
import { SigmaFault } from "./fault.ts";
import { fold } from "./fold.ts";
import type { Modifiers } from "./modifiers.ts";
import { parseModifiers } from "./modifiers.ts";
import { and, type Node, not, or, type Said } from "./node.ts";
import { type Pattern, parsePattern, patternText } from "./pattern.ts";
import {
  compares,
  equalsAny,
  inNetwork,
  inParts,
  isAbsent,
  isPresent,
  matches,
  numberOf,
  type Test,
} from "./tests.ts";
import { timePart } from "./time-parts.ts";
import { anchored, encoders, expand, patternOf, type Value } from "./transform.ts";
import { ofEach, textOf } from "./values.ts";

/** Values that one field may be compared with. */
const maxItemValues = 20_000;

/** What a rule is compiled against. */
export interface Fields {
  /** Paths of the event that a field may be at; one of them must hold the value. */
  paths(field: string): readonly string[];
  /** Where keywords are looked for. */
  readonly keywords: readonly string[];
  /** What stands between the values of an event where keywords are looked for: none reaches over it. */
  readonly keywordSeparator?: string;
  /** The value that stands for one of a rule. */
  value(field: string, value: unknown): readonly unknown[];
  /** Values of a placeholder; undefined where nothing gives any. */
  placeholder(name: string): readonly string[] | undefined;
}

type Scalar = string | number | boolean | null;
const isScalar = (value: unknown): value is Scalar =>
  value === null || ["string", "number", "boolean", "bigint"].includes(typeof value);

/** Compiles one entry of a detection, `field|modifiers: values`, or a keyword where the field has no name. */
export function compileItem(key: string, given: unknown, fields: Fields, path: readonly PropertyKey[]): Node {
  const [field = "", ...names] = key.split("|");
  const modifiers = parseModifiers(names, path);
  const list = Array.isArray(given) ? given : [given];
  if (list.length > maxItemValues) throw new SigmaFault(path, `More than ${maxItemValues} values.`);
  const at = (index: number): readonly PropertyKey[] => (Array.isArray(given) ? [...path, index] : path);
  const bad = list.findIndex((value) => !isScalar(value));
  if (bad >= 0) throw new SigmaFault(at(bad), "A field is compared with text, numbers, true, false or null.");
  const values = field === "" ? list : list.flatMap((value) => [...fields.value(field, value)]);
  const item = new Item(field, modifiers, fields, path, at);
  const node = item.compile(values as Scalar[]);
  return modifiers.negated ? not(node) : node;
}

class Item {
  readonly #field: string;
  readonly #modifiers: Modifiers;
  readonly #fields: Fields;
  readonly #path: readonly PropertyKey[];
  readonly #at: (index: number) => readonly PropertyKey[];

  constructor(
    field: string,
    modifiers: Modifiers,
    fields: Fields,
    path: readonly PropertyKey[],
    at: (index: number) => readonly PropertyKey[],
  ) {
    this.#field = field;
    this.#modifiers = modifiers;
    this.#fields = fields;
    this.#path = path;
    this.#at = at;
  }

  compile(values: readonly Scalar[]): Node {
    const { kind, all } = this.#modifiers;
    if (values.length === 0) throw new SigmaFault(this.#path, "The list of values is empty.");
    if (kind === "text") return this.#texts(values);
    const nodes = values.map((value, index) => this.#one(value, index));
    return all ? and(nodes) : or(nodes);
  }

  /** Texts are asked for together, `null` apart, because it asks whether there is a value at all. */
  #texts(values: readonly Scalar[]): Node {
    const { all, cased } = this.#modifiers;
    const groups: Pattern[][] = [];
    const nodes: Node[] = [];
    const { before, after } = this.#modifiers;
    for (const [index, value] of values.entries()) {
      if (value === null) {
        if (this.#field === "") throw new SigmaFault(this.#at(index), "A keyword must be text.");
        nodes.push(this.#absent());
      } else {
        const patterns = this.#changed(value, index);
        // A keyword is looked for anywhere.
        const open = this.#field === "" ? [true, true] : [before, after];
        groups.push(patterns.map((pattern) => anchored(pattern, open[0]!, open[1]!)));
      }
    }
    if (all)
      nodes.push(
        ...groups.map((patterns) => this.#node(equalsAny(patterns, cased), patterns.map(patternText))),
      );
    else if (groups.length > 0) {
      const patterns = groups.flat();
      nodes.push(this.#node(equalsAny(patterns, cased), patterns.map(patternText)));
    }
    return all ? and(nodes) : or(nodes);
  }

  #changed(value: Exclude<Scalar, null>, index: number): Pattern[] {
    const text = String(value);
    let made: Value[] = [
      { pattern: typeof value === "string" ? parsePattern(text) : text === "" ? [] : [text] },
    ];
    try {
      for (const change of this.#modifiers.changes) {
        made = made.flatMap((each): Value[] =>
          change === "expand"
            ? this.#expanded(patternOf(each), index).map((pattern) => ({ pattern }))
            : encoders[change](each),
        );
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SigmaFault(this.#at(index), `"${text}" ${messageOf(error)}.`);
    }
    return made.map(patternOf);
  }

  #expanded(pattern: Pattern, index: number): Pattern[] {
    const result = expand(pattern, (name) => this.#fields.placeholder(name));
    if ("patterns" in result) return result.patterns;
    throw new SigmaFault(
      this.#at(index),
      `Nothing gives values for the placeholder %${result.missing}%.`,
      `Add them under "placeholders" of a mapping file.`,
    );
  }

  #one(value: Scalar, index: number): Node {
    const { kind } = this.#modifiers;
    const at = this.#at(index);
    const said = [String(value)];
    switch (kind) {
      case "exists": {
        if (typeof value !== "boolean") throw new SigmaFault(at, '"exists" takes true or false.');
        return value ? this.#node(isPresent, said) : this.#absent(said);
      }
      case "fieldref":
        return this.#reference(value, at);
      case "cidr": {
        const texts = this.#references(value, index);
        return or(
          texts.map((text) => {
            const test = inNetwork(text);
            if (!test) throw new SigmaFault(at, `"${text}" is no network such as 10.0.0.0/8.`);
            return this.#node(test, said);
          }),
        );
      }
      case "re":
        return or(this.#references(value, index).map((text) => this.#node(this.#regex(text, at), [text])));
      default: {
        const number = numberOf(value);
        const { comparison, timePart: part } = this.#modifiers;
        if (number === undefined)
          throw new SigmaFault(
            at,
            `"${String(value)}" is no number, which "${comparison ?? part}" compares with.`,
          );
        return this.#node(part ? timePart(part, comparison, number) : compares(comparison!, number), said);
      }
    }
  }

  /** Texts in which only placeholders are replaced. */
  #references(value: Scalar, index: number): string[] {
    if (value === null) throw new SigmaFault(this.#at(index), "Text is needed here.");
    if (!this.#modifiers.changes.includes("expand")) return [String(value)];
    return this.#expanded([String(value)], index).map((pattern) =>
      pattern.filter((part) => typeof part === "string").join(""),
    );
  }

  #regex(source: string, at: readonly PropertyKey[]): Test {
    const { flags } = this.#modifiers;
    const whole = flags === "" ? source : `(?${[...new Set(flags)].join("")})${source}`;
    try {
      searchRegex(whole, {});
      return matches(whole);
    } catch (error) {
      throw new SigmaFault(at, `The regular expression cannot be used: ${messageOf(error as PatternError)}.`);
    }
  }

  #reference(value: Scalar, at: readonly PropertyKey[]): Node {
    if (typeof value !== "string" || value === "")
      throw new SigmaFault(at, '"fieldref" takes the name of a field.');
    const { before, after, cased } = this.#modifiers;
    const test = (left: string, right: string): boolean => {
      if (before && after) return left.includes(right);
      if (before) return left.endsWith(right);
      return after ? left.startsWith(right) : left === right;
    };
    const texts = (left: unknown, right: unknown): boolean => {
      const a = textOf(left);
      const b = textOf(right);
      return a !== undefined && b !== undefined && (cased ? test(a, b) : test(fold(a), fold(b)));
    };
    const pair = (left: unknown, right: unknown): boolean =>
      ofEach((a) => ofEach((b) => texts(a, b))(right))(left);
    const nodes = this.#paths().flatMap((path) =>
      this.#fields.paths(value).map(
        (other): Node => ({
          kind: "pair",
          pair: { paths: [path, other], test: pair },
          said: this.#said([value]),
        }),
      ),
    );
    return or(nodes);
  }

  /** A value is absent where none of the paths has one. */
  #absent(said: readonly string[] = ["null"]): Node {
    return and(this.#paths().map((path) => this.#leaf(path, isAbsent, said)));
  }

  #node(given: Test, said: readonly string[]): Node {
    const { keywordSeparator } = this.#fields;
    const apart = this.#field === "" && keywordSeparator !== undefined;
    const test = apart ? inParts(given, keywordSeparator) : given;
    return or(this.#paths().map((path) => this.#leaf(path, test, said)));
  }

  #leaf(path: string, test: Test, values: readonly string[]): Node {
    const leaf: Leaf = { path, ...test, name: `${test.name} ${path}` };
    return { kind: "leaf", leaf, said: this.#said(values) };
  }

  #paths(): readonly string[] {
    return this.#field === "" ? this.#fields.keywords : this.#fields.paths(this.#field);
  }

  #said(values: readonly string[]): Said {
    return { field: this.#field, modifiers: this.#modifiers.names, values };
  }
}
