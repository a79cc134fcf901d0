import type { IncomingMessage } from "node:http";
import { EngineError } from "./errors.ts";

/** A request of the ClickHouse HTTP interface, taken apart. */
export interface ParsedRequest {
  readonly query: string;
  readonly queryId: string | undefined;
  readonly database: string | undefined;
  readonly format: string | undefined;
  readonly compress: boolean;
  /** Engine settings by name; query parameters are settings named `param_…`. */
  readonly settings: readonly (readonly [name: string, value: string])[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Keys that steer the HTTP interface itself and mean nothing to the engine. */
const HTTP_ONLY =
  /^(query|query_id|database|default_format|user|password|quota_key|role|compress|decompress|stacktrace|buffer_size|wait_end_of_query|enable_http_compression|close_session|(http_|session_|send_progress_in_http_headers|add_http_cors_header|output_format_compression).*)$/;
const QUERY_ID = /^[\x21-\x7e]{1,128}$/;
const DATABASE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Reads the address and headers of a request. Throws on names that could not be settings. */
export function parseRequest(request: IncomingMessage): ParsedRequest {
  const { searchParams } = new URL(request.url ?? "/", "http://engine");
  const settings: (readonly [string, string])[] = [];
  for (const [name, value] of searchParams) {
    if (HTTP_ONLY.test(name)) continue;
    if (!NAME.test(name))
      throw new EngineError(115, "UNKNOWN_SETTING", `"${name.slice(0, 64)}" is not a setting.`);
    // Reads are read-only by construction; `readonly=1` would only refuse the other settings of the same request.
    if (name !== "readonly") settings.push([name, value]);
  }
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const queryId = searchParams.get("query_id") ?? undefined;
  if (queryId !== undefined && !QUERY_ID.test(queryId)) throw bad("query_id");
  const database = searchParams.get("database") ?? header("x-clickhouse-database");
  if (database !== undefined && !DATABASE.test(database)) throw bad("database");
  const format = searchParams.get("default_format") ?? header("x-clickhouse-format");
  if (format !== undefined && !NAME.test(format)) throw bad("default_format");
  return {
    query: searchParams.get("query") ?? "",
    queryId,
    database,
    format,
    compress:
      searchParams.get("enable_http_compression") === "1" && /\bgzip\b/.test(header("accept-encoding") ?? ""),
    settings,
  };
}

const bad = (name: string) => new EngineError(36, "BAD_ARGUMENTS", `The value of "${name}" is not usable.`);

/** A string literal of ClickHouse SQL. */
export const literal = (value: string): string =>
  `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** The `SET` statement for a request's settings, to be run on a connection that lives no longer than the request. */
export function setStatement(settings: ParsedRequest["settings"]): string {
  return `SET ${settings.map(([name, value]) => `${name} = ${literal(value)}`).join(", ")}`;
}
