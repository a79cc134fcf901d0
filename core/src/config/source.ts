import { messageOf } from "@vedette/sdk";
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from "yaml";
import { assetName, checkedAsset, isJsonAsset, readAsset } from "../asset.ts";
import { type PlainDocument, plainYaml } from "./plain-yaml.ts";
import { ConfigError, type Problem } from "./problem.ts";

/** Bound of a configuration file. */
const maxBytes = 4 * 1024 * 1024;

/** A parsed YAML file that still knows where everything stands. */
export interface Source {
  readonly file: string;
  /** Plain data: maps, lists, scalars. */
  readonly value: unknown;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  /** Where its content begins, and the value of a key of its map, where that is known without the document. */
  readonly startOf?: (key: PropertyKey | undefined) => Place | undefined;
  /** What its check gave, where the file travels with the program and the build checked it. */
  readonly checked?: unknown;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Reads and parses a YAML file. Throws a `ConfigError` (`config.unreadable` or `config.invalid`). */
export function readSource(given: string | URL): Source {
  const file = assetName(given);
  const text = readText(given);
  return isJsonAsset(given) ? jsonSource(text, file, checkedAsset(given)) : parseSource(text, file);
}

/** The same for a file that may hold several documents; one at least. */
export const readSources = (given: string | URL): Source[] => sourcesOf(readText(given), given);

/** The documents of a file whose text was read. Throws a `ConfigError` (`config.invalid`). */
export function sourcesOf(text: string, given: string | URL): Source[] {
  const file = assetName(given);
  if (isJsonAsset(given)) return [jsonSource(text, file)];
  const sources = parseSources(text, file);
  return sources.length > 0 ? sources : parseSources("{}\n", file);
}

/** The text of a configuration file. Throws a `ConfigError` (`config.unreadable`). */
export function readText(given: string | URL): string {
  try {
    const bytes = readAsset(given);
    if (bytes.length > maxBytes) throw new Error(`it has ${bytes.length} bytes, the limit is ${maxBytes}`);
    return bytes.toString("utf8");
  } catch (error) {
    throw ConfigError.unreadable(assetName(given), messageOf(error), error);
  }
}

/** What the build made of a YAML file. Only where something is wrong with it are places asked for, in the JSON text then. */
function jsonSource(text: string, file: string, checked?: unknown): Source {
  let parsed: Source | undefined;
  let value: unknown;
  const asYaml = (): Source => {
    parsed ??= parseSource(text, file);
    return parsed;
  };
  return {
    file,
    ...(checked !== undefined && { checked }),
    get value() {
      value ??= JSON.parse(text);
      return value;
    },
    get document() {
      return asYaml().document;
    },
    get lines() {
      return asYaml().lines;
    },
  };
}

/** Parses YAML text; `file` is what messages call it. Throws a `ConfigError` on bad syntax or a second document. */
export function parseSource(text: string, file: string): Source {
  const [first, second] = parseSources(text, file);
  if (!first) return parseSource("{}\n", file);
  if (!second) return first;
  const at = first.lines.linePos(second.document.range[0]);
  const message = "A file holds one YAML document.";
  throw new ConfigError([{ file, line: at.line, column: at.col, path: "", message }]);
}

/** Parses each document of a YAML text. Throws a `ConfigError` on bad syntax. */
export function parseSources(text: string, file: string): Source[] {
  const plain = plainYaml(text);
  if (!plain) return parseWhole(text, file);
  let whole: Source[] | undefined;
  return plain.map((document, at) =>
    plainSource(text, file, document, () => {
      whole ??= parseWhole(text, file);
      return whole[at]!;
    }),
  );
}

/** A document that was read without the whole parser, which is asked only for places that are not known. */
function plainSource(text: string, file: string, plain: PlainDocument, whole: () => Source): Source {
  const { value, start, starts } = plain;
  return {
    file,
    value,
    get document() {
      return whole().document;
    },
    get lines() {
      return whole().lines;
    },
    startOf: (key) => {
      const at = key === undefined ? start : starts.get(String(key));
      return at === undefined ? undefined : placeAt(text, at);
    },
  };
}

function placeAt(text: string, offset: number): Place {
  let line = 1;
  let from = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", from)) {
    line++;
    from = end + 1;
  }
  return { line, column: offset - from + 1 };
}

/** The same with the parser that knows all of YAML, and where everything stands. */
export function parseWhole(text: string, file: string): Source[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    version: "1.2",
    schema: "core",
  });
  const documents = "empty" in parsed ? [] : parsed;
  const problems: Problem[] = documents
    .flatMap(({ errors }) => errors)
    .map((error) => {
      const at = lines.linePos(error.pos[0]);
      return { file, line: at.line, column: at.col, path: "", message: sentence(error.message) };
    });
  if (problems.length > 0) throw new ConfigError(problems);
  return documents.map((document) => ({ file, value: plainValue(document, file) ?? {}, document, lines }));
}

/** The value of a document. Throws an Error where there are too many aliases, or one that lies in what it stands for. */
export function soundValue(document: Pick<Document, "toJS">): unknown {
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  refuseRings(value, new Set(), new Set());
  return value;
}

/** `around` are those that hold the value, `seen` those that are known to be sound. */
function refuseRings(value: unknown, around: Set<object>, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  if (around.has(value)) throw new Error("An alias lies in what it stands for.");
  around.add(value);
  for (const inner of Object.values(value)) refuseRings(inner, around, seen);
  around.delete(value);
  seen.add(value);
}

function plainValue(document: Document.Parsed, file: string): unknown {
  try {
    return soundValue(document);
  } catch (error) {
    throw new ConfigError([{ file, line: 1, column: 1, path: "", message: sentence(messageOf(error)) }]);
  }
}

const sentence = (message: string): string => {
  const [line = ""] = message.split(/ at line \d+|:\n|\n/);
  return /[.!?]$/.test(line) ? line : `${line}.`;
};

/** The line and column (from 1) of a path, or of its nearest ancestor. `key` asks for the key instead of the value. */
export function locate(source: Source, path: readonly PropertyKey[], key = false): Place {
  const known = path.length < 2 && !key ? source.startOf?.(path[0]) : undefined;
  if (known) return known;
  let node: unknown = source.document.contents;
  let found: Node | undefined = node as Node | undefined;
  for (const [i, step] of path.entries()) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyOf(item.key) === String(step));
      next = pair?.value ?? pair?.key;
      if (pair && key && i === path.length - 1) next = pair.key;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
    }
    if (!next) break;
    node = next;
    found = next as Node;
  }
  const offset = found?.range?.[0] ?? 0;
  const { line, col } = source.lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

const keyOf = (key: unknown): string => String((key as { value?: unknown } | null)?.value ?? key);

/**
 * The same file with every map key whose value is null left out, because in protobuf JSON null stands for absent.
 * Elements of lists stay, and so does what is below the keys named in `except`.
 */
export function withoutNulls(source: Source, except: ReadonlySet<string> = new Set()): Source {
  return {
    file: source.file,
    value: dropNulls(source.value, except),
    get document() {
      return source.document;
    },
    get lines() {
      return source.lines;
    },
    ...(source.startOf && { startOf: source.startOf }),
  };
}

function dropNulls(value: unknown, except: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => dropNulls(item, except));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, except.has(key) ? item : dropNulls(item, except)]),
  );
}

/** A scalar as it is written in the file, so that no digit of a 64-bit number is lost; undefined for anything else. */
export function writtenAs(source: Source, path: readonly PropertyKey[]): string | undefined {
  const node: unknown = source.document.getIn(path, true);
  return isScalar(node) ? node.source : undefined;
}
