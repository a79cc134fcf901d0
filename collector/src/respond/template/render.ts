import {
  EvaluationFault,
  type Lookup,
  truthy,
  type Value,
  valueAt,
  writeReference,
} from "../expression/index.ts";
import type { BlockHelper, DataName, Node, Operand, Path } from "./ast.ts";

/** Longest text that a template makes, in characters, where nothing else is asked for. */
export const defaultMaxOutput = 262_144;
/** Nodes that are visited at most: a loop that writes nothing is bounded too. */
const maxVisits = 1_000_000;
const maxNotes = 100;

/** What a template made. */
export interface Rendered {
  readonly text: string;
  /** Variables that were not defined and stand for nothing in the text, each once. */
  readonly missing: readonly string[];
  /** What `{{log …}}` was given. */
  readonly logged: readonly string[];
}

interface Frame {
  readonly above: Frame | undefined;
  /** Undefined at the root, where variables come from outside. */
  readonly context: { readonly value: Value | undefined } | undefined;
  readonly data: Partial<Record<Exclude<DataName, "root">, Value>>;
  readonly names: ReadonlyMap<string, Value | undefined>;
}

/** Fills in a template. Throws EvaluationFault where the text becomes longer than `maxOutput` characters. */
export function render(
  nodes: readonly Node[],
  lookup: Lookup,
  maxOutput: number = defaultMaxOutput,
): Rendered {
  const renderer = new Renderer(lookup, maxOutput);
  renderer.nodes(nodes, { above: undefined, context: undefined, data: {}, names: new Map() });
  return renderer.finish();
}

class Renderer {
  readonly #lookup: Lookup;
  readonly #maxOutput: number;
  readonly #parts: string[] = [];
  readonly #missing = new Set<string>();
  readonly #logged: string[] = [];
  #length = 0;
  #visits = 0;

  constructor(lookup: Lookup, maxOutput: number) {
    this.#lookup = lookup;
    this.#maxOutput = maxOutput;
  }

  finish(): Rendered {
    return { text: this.#parts.join(""), missing: [...this.#missing], logged: this.#logged };
  }

  nodes(nodes: readonly Node[], frame: Frame): void {
    for (const node of nodes) {
      if (++this.#visits > maxVisits)
        throw new EvaluationFault(`The template repeats more than ${maxVisits} times.`);
      if (node.kind === "text") this.#put(node.text);
      else if (node.kind === "value") this.#put(textOf(this.#value(node.operand, frame, true)));
      else this.#block(node, frame);
    }
  }

  #put(text: string): void {
    this.#length += text.length;
    if (this.#length > this.#maxOutput)
      throw new EvaluationFault(`The text of the template is longer than ${this.#maxOutput} characters.`);
    this.#parts.push(text);
  }

  #block({ helper, args, names, body, otherwise }: Extract<Node, { kind: "block" }>, frame: Frame): void {
    const value = this.#value(args[0]!, frame, false);
    if (helper === "each") {
      const items = entriesOf(value);
      for (const [index, [key, item]] of items.entries()) {
        this.nodes(body, {
          above: frame,
          context: { value: item },
          data: { key, index, first: index === 0, last: index === items.length - 1 },
          names: new Map(
            names.map((name, place) => [name, place === 0 ? item : place === 1 ? key : undefined]),
          ),
        });
      }
      if (items.length === 0) this.nodes(otherwise, frame);
    } else if (helper === "with" && truthy(value)) {
      this.nodes(body, {
        above: frame,
        context: { value },
        data: {},
        names: new Map(names.slice(0, 1).map((name) => [name, value])),
      });
    } else this.nodes(this.#holds(helper, value, args, frame) ? body : otherwise, frame);
  }

  #holds(helper: BlockHelper, value: Value | undefined, args: readonly Operand[], frame: Frame): boolean {
    if (helper === "equal") return textOf(value) === textOf(this.#value(args[1]!, frame, false));
    if (helper === "with") return false;
    return truthy(value) === (helper === "if");
  }

  /** `wanted`: a value that is not defined is noted. */
  #value(operand: Operand, frame: Frame, wanted: boolean): Value | undefined {
    if (operand.kind === "literal") return operand.value;
    if (operand.kind === "path") {
      const value = this.#resolve(operand, frame);
      if (value === undefined && wanted && this.#missing.size < maxNotes)
        this.#missing.add(
          writeReference(operand.data ? [`@${operand.data}`, ...operand.segments] : operand.segments),
        );
      return value;
    }
    const [first, second] = operand.args.map((each) => this.#value(each, frame, false));
    if (operand.helper === "equal") return textOf(first) === textOf(second);
    if (operand.helper === "lookup") return valueAt(first, [textOf(second)]);
    if (this.#logged.length < maxNotes)
      this.#logged.push(operand.args.map((each) => textOf(this.#value(each, frame, false))).join(" "));
    return null;
  }

  #resolve({ data, up, own, segments }: Path, frame: Frame): Value | undefined {
    if (data === "root") return this.#lookup(segments);
    if (data) {
      for (let at: Frame | undefined = frame; at; at = at.above)
        if (Object.hasOwn(at.data, data)) return valueAt(at.data[data], segments);
      return undefined;
    }
    let at: Frame | undefined = frame;
    for (let step = 0; step < up && at; step++) at = at.above;
    if (!at) return undefined;
    if (own) return at.context ? valueAt(at.context.value, segments) : this.#lookup(segments);
    const [name = "", ...rest] = segments;
    for (let each: Frame | undefined = at; each; each = each.above)
      if (each.names.has(name)) return valueAt(each.names.get(name), rest);
    // Inside a block names mean the element first, then what is known outside.
    const inside = at.context && valueAt(at.context.value, segments);
    return inside === undefined ? this.#lookup(segments) : inside;
  }
}

function entriesOf(value: Value | undefined): readonly (readonly [key: Value, item: Value])[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.map((item: Value, index) => [index, item]);
  return Object.entries(value);
}

/** How a value is written in a text: null and what is not defined as nothing, lists and maps as JSON. */
export function textOf(value: Value | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
