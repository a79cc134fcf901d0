import { type Text, textOf } from "@vedette/sdk";
import { Refusal } from "./answer.ts";
import { elementsOf } from "./json-list.ts";
import type { Route } from "./settings.ts";

export interface RowLimits {
  readonly maxRows: number;
  readonly maxRowBytes: number;
}

type Format = Exclude<Route["format"], "auto">;

const LF = 10;
const CR = 13;

/**
 * The logs of a body, all of them or a Refusal that names the first bad one. A JSON object is kept as it is written; a
 * JSON text is a log by itself.
 */
export function rowsOf(
  body: Buffer,
  wanted: Route["format"],
  contentType: string | undefined,
  limits: RowLimits,
): Text[] {
  const format = wanted === "auto" ? formatOf(body, contentType) : wanted;
  switch (format) {
    case "text":
      return body.length === 0 ? [] : [textOf(body, limits.maxRowBytes)];
    case "lines":
      return linesOf(body, limits).map(({ bytes }) => textOf(bytes, limits.maxRowBytes));
    case "ndjson":
      return linesOf(body, limits)
        .map(({ bytes, number }) => ({ text: textOf(bytes, bytes.length), number }))
        .filter(({ text }) => text.raw.trim() !== "")
        .map(({ text, number }) => jsonRow(text, text.raw.trim(), number, limits));
    case "json":
      return jsonRows(textOf(body, body.length), limits);
  }
}

function formatOf(body: Buffer, contentType = ""): Format {
  const type = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (type === "application/json" || type.endsWith("+json")) return "json";
  if (/^application\/(x-)?(ndjson|jsonl|json-lines|jsonlines|json-seq)$/.test(type)) return "ndjson";
  if (type === "text/plain") return "lines";
  if (type !== "" && type !== "application/octet-stream" && type !== "application/x-www-form-urlencoded") {
    const message = "The content type is not one of application/json, application/x-ndjson, text/plain.";
    throw new Refusal(415, "content_type", message);
  }
  const first = body.toString("latin1", 0, 64).trimStart()[0];
  if (first === "[") return "json";
  if (first !== "{") return "lines";
  return isJson(body.toString("utf8")) ? "json" : "ndjson";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Line {
  readonly bytes: Buffer;
  /** Counted from 1, empty ones included, as an editor would. */
  readonly number: number;
}

function linesOf(body: Buffer, { maxRows }: RowLimits): Line[] {
  const lines: Line[] = [];
  let number = 0;
  for (let from = 0; from < body.length; ) {
    const found = body.indexOf(LF, from);
    const end = found < 0 ? body.length : found;
    const stop = end > from && body[end - 1] === CR ? end - 1 : end;
    number++;
    if (stop > from) lines.push({ bytes: body.subarray(from, stop), number });
    if (lines.length > maxRows) throw tooMany(maxRows);
    from = end + 1;
  }
  return lines;
}

function jsonRows(text: Text, limits: RowLimits): Text[] {
  const json = text.raw.trim();
  if (json[0] !== "[") return json === "" ? [] : [jsonRow(text, json, 1, limits)];
  const elements = elementsOf(json);
  if (!elements) throw new Refusal(400, "bad_row", "The body is not a JSON list.");
  if (elements.length > limits.maxRows) throw tooMany(limits.maxRows);
  return elements.map((element, index) => jsonRow(text, element, index + 1, limits));
}

/** One row. `of` says whether the bytes it was read from were UTF-8. */
function jsonRow(of: Text, json: string, row: number, { maxRowBytes }: RowLimits): Text {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Refusal(400, "bad_row", `Row ${row} is not JSON.`, { row });
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject && typeof value !== "string")
    throw new Refusal(400, "bad_row", `Row ${row} is neither an object nor a text.`, { row });
  const raw = typeof value === "string" ? value : json;
  // Most rows are far below the limit, and the length in UTF-8 is at most three times this one.
  if (raw.length * 3 <= maxRowBytes) return { ...of, raw };
  const cut = textOf(Buffer.from(raw), maxRowBytes);
  return cut.kind === undefined ? { ...of, raw } : cut;
}

const tooMany = (maxRows: number): Refusal =>
  new Refusal(413, "too_many_rows", `A request may have ${maxRows} rows.`);
