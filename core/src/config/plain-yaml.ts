/*
 * Reads the YAML that people and tools write most: block maps and lists, texts on one line, quoted texts, `|` and `>` texts and
 * flow lists and maps on one line. Whatever else a text holds, and whatever is wrong with it, it leaves to the whole parser by giving
 * undefined; what it does give is what that one gives (core schema, YAML 1.2), which a test holds it to.
 */

/** A document: plain data, and where its content begins. Offsets count UTF-16 units from the start of the text. */
export interface PlainDocument {
  readonly value: unknown;
  readonly start: number;
  /** Of a map, where the value of each key begins; a value that is not written has none. */
  readonly starts: ReadonlyMap<string, number>;
}

class Unfamiliar extends Error {}
const unfamiliar = new Unfamiliar("Left to the whole parser.");

interface Line {
  readonly indent: number;
  /** Without indent and without spaces at the end. */
  readonly text: string;
  /** Where `text` begins. */
  readonly at: number;
}

const maxDepth = 64;
// Tabs, carriage returns, byte order marks and control characters have rules of their own.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const odd = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
const key = /^([A-Za-z_][\w.|$@/-]*(?: [\w.|$@/-]+)*):(?: +|$)/;
const quotedKey = /^'([A-Za-z_*][\w.|$@/* -]*)':(?: +|$)/;
const word = /^(?:null|Null|NULL|true|True|TRUE|false|False|FALSE)$/;
const smallNumber = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;
/** What the core schema may take for a number. */
const numberLike =
  /^[-+]?(?:\.?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\da-fA-F]+|\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** Texts on one line begin so; other signs mean something. */
const plainStart = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:][^\s,[\]{}])/;

/** Reads each document of a YAML text; undefined where the whole parser is needed. */
export function plainYaml(text: string): PlainDocument[] | undefined {
  if (odd.test(text) || !text.isWellFormed()) return undefined;
  try {
    return new Reader(text).documents();
  } catch (error) {
    if (error === unfamiliar) return undefined;
    throw error;
  }
}

class Reader {
  readonly #lines: Line[] = [];
  readonly #raw: string[];
  readonly #rawAt: number[] = [];
  #at = 0;
  #starts = new Map<string, number>();

  constructor(text: string) {
    this.#raw = text.split("\n");
    let at = 0;
    for (const raw of this.#raw) {
      const trimmed = raw.trimEnd();
      const body = trimmed.trimStart();
      const indent = trimmed.length - body.length;
      this.#lines.push({ indent, text: body, at: at + indent });
      this.#rawAt.push(at);
      at += raw.length + 1;
    }
  }

  documents(): PlainDocument[] {
    const documents: PlainDocument[] = [];
    this.#skip();
    while (this.#at < this.#lines.length) {
      if (isMarker(this.#lines[this.#at]!)) {
        this.#at++;
        this.#skip();
      }
      const line = this.#line();
      if (line?.indent !== 0 || isMarker(line)) throw unfamiliar;
      this.#starts = new Map();
      const value = this.#block(0, 0);
      documents.push({ value, start: line.at, starts: this.#starts });
      this.#skip();
      const next = this.#lines[this.#at];
      if (next && !isMarker(next)) throw unfamiliar;
    }
    if (documents.length === 0) throw unfamiliar;
    return documents;
  }

  /** To the next line that says something. */
  #skip(): void {
    while (this.#at < this.#lines.length) {
      const { text } = this.#lines[this.#at]!;
      if (text !== "" && !text.startsWith("#")) return;
      this.#at++;
    }
  }

  #line(): Line | undefined {
    this.#skip();
    return this.#lines[this.#at];
  }

  /** The map or list whose lines begin at an indent. */
  #block(indent: number, depth: number): unknown {
    if (depth > maxDepth) throw unfamiliar;
    const { text } = this.#line()!;
    return isItem(text) ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #list(indent: number, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.#line(); line?.indent === indent && isItem(line.text); line = this.#line())
      items.push(this.#item(line, indent, depth));
    this.#ended(indent);
    return items;
  }

  #item(line: Line, indent: number, depth: number): unknown {
    if (line.text === "-") {
      this.#at++;
      const next = this.#line();
      if (!next || next.indent <= indent) throw unfamiliar;
      return this.#block(next.indent, depth + 1);
    }
    const body = line.text.slice(1).trimStart();
    const inner = indent + line.text.length - body.length;
    if (isItem(body) || key.test(body) || quotedKey.test(body)) {
      // The item's map or list goes on at the place of its first entry.
      this.#lines[this.#at] = { indent: inner, text: body, at: line.at + inner - indent };
      return this.#block(inner, depth + 1);
    }
    return this.#scalar(body, indent);
  }

  #map(indent: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let line = this.#line(); line?.indent === indent; line = this.#line()) {
      if (isMarker(line)) break;
      const found = key.exec(line.text) ?? quotedKey.exec(line.text);
      const name = found?.[1];
      if (name === undefined || name === "__proto__" || Object.hasOwn(map, name)) throw unfamiliar;
      if (line.text[0] !== "'" && word.test(name)) throw unfamiliar;
      const rest = line.text.slice(found![0].length);
      const start = this.#at;
      map[name] = this.#value(rest, indent, depth);
      if (depth > 0) continue;
      if (rest !== "" && !rest.startsWith("#")) this.#starts.set(name, line.at + found![0].length);
      else if (map[name] !== null) this.#starts.set(name, this.#firstAfter(start));
    }
    this.#ended(indent);
    return map;
  }

  /** Where the first line that says something behind a line begins. */
  #firstAfter(line: number): number {
    let at = line + 1;
    while (this.#lines[at]!.text === "" || this.#lines[at]!.text.startsWith("#")) at++;
    return this.#rawAt[at]! + /^ */.exec(this.#raw[at]!)![0].length;
  }

  #value(rest: string, indent: number, depth: number): unknown {
    if (rest !== "" && !rest.startsWith("#")) return this.#scalar(rest, indent);
    this.#at++;
    const next = this.#line();
    if (!next || isMarker(next)) return null;
    if (next.indent > indent || (next.indent === indent && isItem(next.text)))
      return this.#block(next.indent, depth + 1);
    return null;
  }

  /** Behind a map or list comes what is less indented, or a list that the map's key before it holds. */
  #ended(indent: number): void {
    const next = this.#line();
    if (next && next.indent > indent) throw unfamiliar;
    if (next && next.indent === indent && !isMarker(next) && isItem(next.text)) throw unfamiliar;
  }

  #scalar(text: string, indent: number): unknown {
    if (text.startsWith("|")) return this.#literal(text, indent);
    if (text.startsWith(">")) return this.#folded(text, indent);
    this.#at++;
    const first = text[0]!;
    if (first === "[" || first === "{") {
      const flow = new Flow(text);
      const value = flow.value(0);
      if (!isComment(text.slice(flow.at))) throw unfamiliar;
      return value;
    }
    if (first === "'" || first === '"') {
      const { value, end } = quoted(text, 0);
      if (!isComment(text.slice(end))) throw unfamiliar;
      return value;
    }
    const comment = text.indexOf(" #");
    const plain = comment < 0 ? text : text.slice(0, comment).trimEnd();
    if (!plainStart.test(plain) || plain.includes(": ") || plain.endsWith(":")) throw unfamiliar;
    return resolved(plain);
  }

  /** A text of several lines as it is written. */
  #literal(head: string, indent: number): string {
    if (head !== "|" && head !== "|-") throw unfamiliar;
    this.#at++;
    const first = this.#lines[this.#at];
    if (!first || first.text === "" || first.indent <= indent) throw unfamiliar;
    const own = first.indent;
    const kept: string[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!;
      if (line.text !== "" && line.indent < own) break;
      kept.push(this.#raw[this.#at]!.slice(own));
    }
    while (kept.at(-1)?.trim() === "") {
      if (kept.at(-1) !== "") throw unfamiliar;
      kept.pop();
    }
    return kept.join("\n") + (head === "|" ? "\n" : "");
  }

  /** A text of several lines as one: only where no line among them is empty or further in. */
  #folded(head: string, indent: number): string {
    if (head !== ">" && head !== ">-") throw unfamiliar;
    this.#at++;
    const own = this.#lines[this.#at]?.indent ?? 0;
    const kept: string[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const { indent: place, text } = this.#lines[this.#at]!;
      if (text === "" || place < own) break;
      if (place !== own || this.#raw[this.#at]!.length !== own + text.length) throw unfamiliar;
      kept.push(text);
    }
    if (kept.length === 0 || own <= indent) throw unfamiliar;
    // Empty lines at the end, which mean nothing where a line further out follows.
    while (this.#raw[this.#at] === "") this.#at++;
    const next = this.#lines[this.#at];
    if (next && (next.text === "" || next.indent >= own)) throw unfamiliar;
    return kept.join(" ") + (head === ">" ? "\n" : "");
  }
}

const isItem = (text: string): boolean => text === "-" || text.startsWith("- ");
const isMarker = ({ indent, text }: Line): boolean => {
  if (indent !== 0) return false;
  if (text === "---") return true;
  if (text.startsWith("---") || text.startsWith("...") || text.startsWith("%")) throw unfamiliar;
  return false;
};
const isComment = (rest: string): boolean => rest.trim() === "" || /^ +#/.test(rest);

function resolved(text: string): unknown {
  if (text === "~") return null;
  if (text.length <= 5 && word.test(text)) {
    const lower = text.toLowerCase();
    return lower === "null" ? null : lower === "true";
  }
  if (smallNumber.test(text)) return Number(text);
  if (numberLike.test(text)) throw unfamiliar;
  return text;
}

/** A text in quotes that ends on its line. */
function quoted(text: string, from: number): { readonly value: string; readonly end: number } {
  const mark = text[from]!;
  for (let at = from + 1; at < text.length; at++) {
    if (mark === '"' && text[at] === "\\") at++;
    else if (text[at] === mark) {
      if (mark === "'" && text[at + 1] === "'") at++;
      else return { value: unquoted(text.slice(from, at + 1), mark), end: at + 1 };
    }
  }
  throw unfamiliar;
}

function unquoted(text: string, mark: string): string {
  if (mark === "'") return text.slice(1, -1).replaceAll("''", "'");
  try {
    // The escapes of JSON mean the same in YAML; YAML's others are left alone.
    return JSON.parse(text) as string;
  } catch {
    throw unfamiliar;
  }
}

/** Lists in brackets and maps in braces, on one line. */
class Flow {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > maxDepth) throw unfamiliar;
    const first = this.#text[this.at];
    if (first === "[") return this.#list(depth);
    if (first === "{") return this.#map(depth);
    return this.#scalar();
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.at++;
    this.#space();
    while (this.#text[this.at] !== "]") {
      items.push(this.value(depth + 1));
      this.#next("]");
    }
    this.at++;
    return items;
  }

  #map(depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    this.at++;
    this.#space();
    while (this.#text[this.at] !== "}") {
      const found = /^([A-Za-z_][\w.|$@/-]*): +/.exec(this.#text.slice(this.at, this.at + 300));
      const name = found?.[1];
      if (name === undefined || word.test(name) || name === "__proto__" || Object.hasOwn(map, name))
        throw unfamiliar;
      this.at += found![0].length;
      map[name] = this.value(depth + 1);
      this.#next("}");
    }
    this.at++;
    return map;
  }

  #scalar(): unknown {
    const first = this.#text[this.at];
    if (first === "'" || first === '"') {
      const { value, end } = quoted(this.#text, this.at);
      this.at = end;
      return value;
    }
    const end = this.#text.slice(this.at).search(/[,[\]{}]/);
    if (end <= 0) throw unfamiliar;
    const plain = this.#text.slice(this.at, this.at + end).trimEnd();
    if (!plainStart.test(plain) || plain.includes(":") || plain.includes("#")) throw unfamiliar;
    this.at += end;
    return resolved(plain);
  }

  /** To the next entry, or to the end. */
  #next(end: string): void {
    this.#space();
    if (this.#text[this.at] === ",") {
      this.at++;
      this.#space();
      if (this.#text[this.at] === undefined || this.#text[this.at] === ",") throw unfamiliar;
    } else if (this.#text[this.at] !== end) throw unfamiliar;
  }

  #space(): void {
    while (this.#text[this.at] === " ") this.at++;
  }
}
