import { EngineError, refused } from "./errors.ts";
import { type Token, tokens } from "./lexer.ts";

/** Input formats that read nothing but the body: no templates, no schema files. */
export const inputFormats: ReadonlySet<string> = new Set(
  (
    "Native RowBinary RowBinaryWithNames RowBinaryWithNamesAndTypes RowBinaryWithDefaults Arrow ArrowStream Parquet ORC Avro " +
    "MsgPack BSONEachRow JSONEachRow JSONLines NDJSON JSONCompactEachRow JSONCompactEachRowWithNames " +
    "JSONCompactEachRowWithNamesAndTypes JSONStringsEachRow JSONCompactStringsEachRow JSON JSONCompact JSONColumns " +
    "JSONCompactColumns JSONObjectEachRow JSONAsString JSONAsObject LineAsString RawBLOB Values CSV CSVWithNames " +
    "CSVWithNamesAndTypes TabSeparated TabSeparatedRaw TabSeparatedWithNames TabSeparatedWithNamesAndTypes TSV TSVRaw " +
    "TSVWithNames TSVWithNamesAndTypes TSKV"
  ).split(" "),
);

/** Output formats by lower-case name; those that read a file of the host (Template, Protobuf, CapnProto) are missing. */
const outputFormats: ReadonlyMap<string, string> = new Map(
  [
    ...inputFormats,
    ..."JSONStrings JSONCompactStrings JSONEachRowWithProgress JSONStringsEachRowWithProgress Pretty PrettyCompact".split(
      " ",
    ),
    ..."PrettySpace PrettyNoEscapes PrettyCompactMonoBlock Vertical XML Markdown SQLInsert Null Hash".split(
      " ",
    ),
    ..."JSONCompactStringsEachRowWithNames JSONCompactStringsEachRowWithNamesAndTypes".split(" "),
  ].map((name) => [name.toLowerCase(), name]),
);

/** Formats whose pieces may be sent as they come: neither head, tail nor separator around the whole result. */
export const streamedFormats: ReadonlySet<string> = new Set(
  (
    "JSONEachRow JSONLines NDJSON JSONCompactEachRow JSONStringsEachRow JSONCompactStringsEachRow CSV TabSeparated TSV " +
    "TSVRaw TabSeparatedRaw RowBinary Native LineAsString"
  ).split(" "),
);

/** An INSERT whose rows follow as data, cut where the data begins. */
export interface InsertHead {
  /** `INSERT INTO table (columns)`, without settings, format and data. */
  readonly target: string;
  /** The client's own `SETTINGS …` clause, or nothing. */
  readonly settings: string;
  readonly format: string;
  /** Where data written behind the format begins. */
  readonly dataAt: number;
}

/**
 * Finds where the data of an INSERT begins. Undefined for anything else, also for `INSERT … SELECT`.
 * Data must never reach the engine as statement text: chDB ends inline data at the first blank line and runs the rest as SQL.
 */
export function insertHead(sql: string): InsertHead | undefined {
  let depth = 0;
  let first = true;
  let previous: Token | undefined;
  let settings: Token | undefined;
  let format: Token | undefined;
  for (const token of tokens(sql)) {
    if (first && (token.kind !== "word" || token.text !== "insert")) return undefined;
    first = false;
    if (format) return head(sql, format, settings, canonical(sql.slice(token.start, token.end)), token.end);
    if (token.text === "(") {
      depth++;
    } else if (token.text === ")") {
      depth--;
    } else if (depth === 0 && token.kind === "word" && previous?.text !== ".") {
      if (token.text === "infile")
        throw refused("FROM INFILE is not available over HTTP; send the data as the body.");
      if (token.text === "select" || token.text === "with") return undefined;
      if (token.text === "settings") settings = token;
      if (token.text === "values") return head(sql, token, settings, "Values", token.end);
      if (token.text === "format") format = token;
    } else if (depth === 1 && (token.text === "select" || token.text === "with") && previous?.text === "(") {
      return undefined;
    }
    previous = token;
  }
  if (first) return undefined;
  throw new EngineError(62, "SYNTAX_ERROR", "An INSERT needs VALUES, SELECT, or FORMAT and a body.");
}

function head(
  sql: string,
  clause: Token,
  settings: Token | undefined,
  format: string,
  dataAt: number,
): InsertHead {
  return {
    target: sql.slice(0, settings?.start ?? clause.start).trim(),
    settings: settings ? sql.slice(settings.start, clause.start).trim() : "",
    format,
    dataAt,
  };
}

function canonical(name: string): string {
  const format = outputFormats.get(name.toLowerCase());
  if (format && inputFormats.has(format)) return format;
  throw new EngineError(73, "UNKNOWN_FORMAT", `The input format ${name.slice(0, 64)} is not available.`);
}

/** What the gate needs to know of a statement before it runs. */
export interface Shape {
  /** The format that the statement names itself. */
  readonly format: string | undefined;
  /** True for one plain SELECT. Others cannot be streamed, or compute while they are planned, on the event loop. */
  readonly flat: boolean;
}

/**
 * Looks at a statement that the engine's parser has already accepted as exactly one, of class read or write.
 * Refuses what neither grants nor that class stop: names of functions and formats that read files of the host, and
 * `parameters` that could become such a name. Names are refused wherever they stand, since `APPLY(file)` and
 * `arrayMap(file, …)` call without parentheses; behind a dot they are parts of a column.
 */
export function shapeOf(sql: string, parameters: readonly string[] = []): Shape {
  const found: string[] = [];
  let selects = 0;
  let first: string | undefined;
  let previous: Token | undefined;
  for (const token of tokens(sql)) {
    first ??= token.text;
    const named = token.kind === "word" || token.kind === "quoted";
    if (named && previous?.text !== "." && forbiddenNames.has(token.text.toLowerCase()))
      throw forbidden(token.text);
    if (token.text === "identifier" && previous?.text === ":") {
      const name = parameters.find((value) => forbiddenNames.has(value.trim().toLowerCase()));
      if (name !== undefined) throw forbidden(name);
    }
    if (token.kind === "word" && previous?.kind === "word" && previous.text === "format") {
      if (forbiddenFormats.test(token.text)) throw forbidden(token.text);
      const format = outputFormats.get(token.text);
      if (format) found.push(format);
    }
    if (token.kind === "word" && (token.text === "select" || token.text === "with")) selects++;
    previous = token;
  }
  return { format: found.at(-1), flat: first === "select" && selects === 1 && found.length <= 1 };
}

const forbidden = (name: string) =>
  refused(
    `The name ${name.slice(0, 64)} is not available: it could read files of the host. Put a column of that name behind its table.`,
  );

/** The known name of an output format. Throws 73 for one that is not available. */
export function outputFormat(name: string): string {
  const format = outputFormats.get(name.toLowerCase());
  if (format) return format;
  throw new EngineError(73, "UNKNOWN_FORMAT", `The output format ${name.slice(0, 64)} is not available.`);
}

const forbiddenNames: ReadonlySet<string> = new Set(
  "file fileCluster catboostEvaluate eval executable filesystem infile outfile".toLowerCase().split(" "),
);
const forbiddenFormats = /^(template|customseparated.*|protobuf.*|capnproto)$/;
