import { defined, type Lookup, type Place, placeAt, SyntaxFault, type Value } from "../expression/index.ts";
import type { Node, Operand, Path } from "./ast.ts";
import { parseTemplate } from "./parse.ts";
import { render } from "./render.ts";

/** How deep lists and maps of an input may be nested. */
const maxDepth = 32;

/** A value with templates in it, ready to be filled in. */
export interface Input {
  /**
   * The value with every template filled in. A text that is one reference and nothing else takes the value as it is,
   * list, number or map; then it must be defined, or an EvaluationFault is thrown. Elsewhere what is not defined is
   * empty text, and is added to `missing`.
   */
  fill(lookup: Lookup, missing?: Set<string>): Value;
}

/** A variable that a template uses outside of any loop, so that its first name is a step. */
export interface Used {
  readonly path: readonly string[];
  /** Where in the value the text with it stands. */
  readonly key: readonly PropertyKey[];
  readonly place: Place;
}

/** A mistake in one of the texts of an input. */
export class InputFault extends Error {
  readonly key: readonly PropertyKey[];
  readonly fault: SyntaxFault;
  constructor(key: readonly PropertyKey[], fault: SyntaxFault) {
    super(fault.message, { cause: fault });
    this.name = "InputFault";
    this.key = key;
    this.fault = fault;
  }
}

/** Reads all templates of a value. Throws InputFault. `used` is told the variables of each. */
export function compileInput(value: unknown, used?: (variable: Used) => void): Input {
  const fill = compile(value, [], used);
  return { fill: (lookup, missing = new Set()) => fill(lookup, missing) };
}

type Fill = (lookup: Lookup, missing: Set<string>) => Value;

function compile(
  value: unknown,
  key: readonly PropertyKey[],
  used: ((variable: Used) => void) | undefined,
): Fill {
  if (typeof value === "string") return compileText(value, key, used);
  if (typeof value !== "object" || value === null) {
    const plain = (value ?? null) as Value;
    return () => plain;
  }
  if (key.length >= maxDepth)
    throw new InputFault(
      key,
      new SyntaxFault(`An input is nested at most ${maxDepth} deep.`, { line: 1, column: 1 }),
    );
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compile(item, [...key, index], used));
    return (lookup, missing) => items.map((item) => item(lookup, missing));
  }
  const entries = Object.entries(value).map(
    ([name, item]) => [name, compile(item, [...key, name], used)] as const,
  );
  return (lookup, missing) =>
    Object.fromEntries(entries.map(([name, item]) => [name, item(lookup, missing)]));
}

function compileText(
  text: string,
  key: readonly PropertyKey[],
  used: ((variable: Used) => void) | undefined,
): Fill {
  if (!text.includes("{{")) return () => text;
  let nodes: readonly Node[];
  try {
    nodes = parseTemplate(text);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    throw new InputFault(key, error);
  }
  if (used)
    for (const path of pathsOf(nodes, false))
      used({ path: path.segments, key, place: placeAt(text, path.at) });
  const [only, ...more] = nodes;
  if (more.length === 0 && only?.kind === "value" && isReference(only.operand)) {
    const { segments } = only.operand;
    return (lookup) => defined(segments, lookup);
  }
  return (lookup, missing) => {
    const rendered = render(nodes, lookup);
    for (const each of rendered.missing) missing.add(each);
    return rendered.text;
  };
}

const isReference = (operand: Operand): operand is Path =>
  operand.kind === "path" && operand.data === undefined && !operand.own;

/** References whose first name is no element's. Inside `each` and `with` a bare name may mean one, a bracketed pair not. */
function pathsOf(nodes: readonly Node[], inside: boolean): Path[] {
  const of = (operand: Operand): Path[] => {
    if (operand.kind === "literal") return [];
    if (operand.kind === "call") return operand.args.flatMap(of);
    return !isReference(operand) || inside ? [] : [operand];
  };
  return nodes.flatMap((node) => {
    if (node.kind === "text") return [];
    if (node.kind === "value") return of(node.operand);
    const scoped = inside || node.helper === "each" || node.helper === "with";
    return [...node.args.flatMap(of), ...pathsOf(node.body, scoped), ...pathsOf(node.otherwise, inside)];
  });
}
