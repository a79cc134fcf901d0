import { isVedetteError, messageOf } from "@vedette/sdk";
import type { QueryStore } from "./deps.ts";
import { limits } from "./limits.ts";
import { Problem } from "./problem.ts";
import type { Binder } from "./search/index.ts";

/** Bounds that the store holds each query to. */
const settings = {
  max_execution_time: limits.querySeconds,
  max_rows_to_read: limits.rowsToRead,
  max_result_rows: 100_000,
  // The wide columns of a page are read for its rows only, however many were sorted.
  query_plan_max_limit_for_lazy_materialization: 10_000,
  // Numbers below `log` stay numbers; 64-bit schema fields become text in `eventFromRow`.
  output_format_json_quote_64bit_integers: 0,
} as const;

/** ClickHouse codes that mean: this query asks too much. */
const heavy: ReadonlySet<string> = new Set(["158", "159", "160", "191", "241", "307", "396", "469"]);
const cancelled: ReadonlySet<string> = new Set(["394", "735"]);

/** Runs a SELECT for a request. It is ended in the store too when the client goes away. */
export async function runQuery<Row>(
  store: QueryStore,
  sql: string,
  bind: Binder,
  signal: AbortSignal,
): Promise<Row[]> {
  try {
    return await store.query<Row>(sql, bind.params, { signal, settings });
  } catch (error) {
    throw problemOf(error, signal);
  }
}

function problemOf(error: unknown, signal: AbortSignal): unknown {
  const code = codeOf(error);
  const cause = { cause: error };
  if (signal.aborted || cancelled.has(code))
    return new Problem("cancelled", "The query was ended because the client went away.", {}, {}, cause);
  if (heavy.has(code))
    return new Problem(
      "query-too-heavy",
      `The query was ended after ${limits.querySeconds} s, or because it needed too much memory.`,
      { cure: "Ask for a shorter range, or add a filter." },
      {},
      cause,
    );
  if (isVedetteError(error) && error.code === "store.unavailable")
    return new Problem(
      "store-unavailable",
      messageOf(error),
      { cure: "Try again in a moment." },
      { "retry-after": "2" },
      cause,
    );
  return error;
}

/** The ClickHouse code of an error or of what caused it. */
function codeOf(error: unknown): string {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const { code } = each as { code?: unknown };
    if (typeof code === "string" && /^\d+$/.test(code)) return code;
  }
  return "";
}
