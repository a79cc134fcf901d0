import { type CaptureRegex, captureRegex } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import { EvaluationFault, placeAt, SyntaxFault, type Value } from "../expression/index.ts";

/** Most matches that are collected with `captureAll`. */
const maxMatches = 1_000;
const maxLength = 16_384;
const maxNames = 100;

export interface PatternOptions {
  readonly ignoreCase?: boolean;
  /** Every match instead of the first; each name is a list then. */
  readonly captureAll?: boolean;
}

/** A text with holes, such as `From: {{sender:/\S+@\S+/}}`, that is looked for anywhere in another. */
export interface TextPattern {
  readonly names: readonly string[];
  /** Each name with what stood in its place, and `$matched`. Without a match there are no names, or empty lists. */
  match(text: string): { readonly [name: string]: Value };
}

/** Reads a pattern. Throws SyntaxFault, which has the place of the mistake. */
export function parsePattern(text: string, options: PatternOptions = {}): TextPattern {
  if (text.length > maxLength)
    throw new SyntaxFault(`A pattern has at most ${maxLength} characters.`, { line: 1, column: 1 });
  const { source, holes } = compile(text);
  let regex: CaptureRegex;
  try {
    regex = captureRegex(`${options.ignoreCase ? "(?i)" : ""}${source}`);
  } catch (error) {
    throw new SyntaxFault(messageOf(error), { line: 1, column: 1 });
  }
  const names = holes.map(({ name }) => name);
  return {
    names,
    match(subject) {
      let found: readonly (readonly (string | undefined)[])[];
      try {
        found = regex.find(subject, options.captureAll ? maxMatches : 1);
      } catch (error) {
        throw new EvaluationFault(messageOf(error), { cause: error });
      }
      const [first] = found;
      const values: Record<string, Value> = {};
      for (const { name, group } of holes) {
        if (options.captureAll) values[name] = found.map((match) => match[group] ?? "");
        else if (first) values[name] = first[group] ?? "";
      }
      return { ...values, $matched: first !== undefined };
    },
  };
}

interface Hole {
  readonly name: string;
  /** Place among the groups of the whole expression. */
  readonly group: number;
}

const HOLE = /\{\{\s*([^{}:]+?)\s*:\s*\//y;

function compile(text: string): { source: string; holes: readonly Hole[] } {
  let source = "";
  let groups = 0;
  const holes: Hole[] = [];
  for (let at = 0; at < text.length; ) {
    const opens = text.indexOf("{{", at);
    source += literal(text.slice(at, opens < 0 ? text.length : opens));
    if (opens < 0) break;
    HOLE.lastIndex = opens;
    const head = HOLE.exec(text);
    if (!head)
      throw new SyntaxFault(
        "A hole has a name and a regular expression.",
        placeAt(text, opens),
        "Write {{name:/expression/}}.",
      );
    const name = head[1]!;
    const { regex, end } = readRegex(text, opens + head[0].length, opens);
    if (name.startsWith("$"))
      throw new SyntaxFault("A name begins with no $: such names are ours.", placeAt(text, opens));
    if (holes.some((hole) => hole.name === name))
      throw new SyntaxFault(`The name ${JSON.stringify(name)} stands twice.`, placeAt(text, opens));
    if (holes.length >= maxNames)
      throw new SyntaxFault(`A pattern has at most ${maxNames} names.`, placeAt(text, opens));
    let inner: number;
    try {
      inner = captureRegex(regex).groups;
    } catch (error) {
      throw new SyntaxFault(messageOf(error), placeAt(text, opens));
    }
    holes.push({ name, group: groups });
    groups += inner + 1;
    source += `(${regex})`;
    at = end;
  }
  if (holes.length === 0)
    throw new SyntaxFault(
      "The pattern has no name.",
      { line: 1, column: 1 },
      "Write {{name:/expression/}} where something is to be read.",
    );
  return { source, holes };
}

function readRegex(text: string, start: number, opens: number): { regex: string; end: number } {
  let regex = "";
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\" && at + 1 < text.length) {
      regex += text[at + 1] === "/" ? "/" : `\\${text[at + 1]}`;
      at++;
      continue;
    }
    if (text[at] === "/") {
      const closes = /^\/\s*\}\}/.exec(text.slice(at, at + 40));
      if (closes) return { regex, end: at + closes[0].length };
    }
    regex += text[at];
  }
  throw new SyntaxFault("The hole is not closed.", placeAt(text, opens), "Write /}} after the expression.");
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
