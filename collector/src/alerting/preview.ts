import type { Alert } from "@vedette/sdk";
import { compileMatchers, type Matcher } from "../alert-match/index.ts";
import { alertsNow, type Store } from "../store/index.ts";

/** What something would have hidden. */
export interface Preview {
  /** Alerts that were looked at, the newest first. */
  readonly looked: number;
  /** False where there were more than are looked at. */
  readonly complete: boolean;
  readonly hidden: number;
  /** Those among the hidden that somebody called a true positive. */
  readonly truePositives: number;
  readonly falsePositives: number;
  /** The newest of the hidden. */
  readonly examples: readonly Alert[];
}

const mostLooked = 10_000;
const pageRows = 500;
const mostExamples = 20;
const mostMs = 8_000;

interface Row {
  readonly id: string;
  readonly at: string;
  readonly status: string;
  readonly verdict: string;
  readonly document: string;
}

/** Asks stored alerts of the last days what matchers would have hidden: by the very code that hides. */
export async function preview(
  store: Pick<Store, "query">,
  matchers: readonly Matcher[],
  { days, now, signal }: { readonly days: number; readonly now: number; readonly signal?: AbortSignal },
): Promise<Preview> {
  const test = compileMatchers(matchers);
  const rules = exactRules(matchers);
  const ofRules =
    rules === undefined
      ? ""
      : "AND (lower(ruleId) IN {rules:Array(String)} OR lower(name) IN {rules:Array(String)})";
  const found = { looked: 0, hidden: 0, truePositives: 0, falsePositives: 0 };
  const examples: Alert[] = [];
  const until = performance.now() + mostMs;
  let before = { at: now + 60_000, id: "" };
  for (;;) {
    const rows = await store.query<Row>(
      `SELECT id, toUnixTimestamp64Milli(timestamp) AS at, status, verdict, document FROM ${alertsNow}
       WHERE timestamp >= fromUnixTimestamp64Milli({since:Int64}) AND timestamp <= fromUnixTimestamp64Milli({at:Int64})
         AND (timestamp, id) < (fromUnixTimestamp64Milli({at:Int64}), {id:String}) AND hidden = '' ${ofRules}
       ORDER BY timestamp DESC, id DESC LIMIT {page:UInt32}`,
      { since: now - days * 86_400_000, ...before, page: pageRows, ...(rules && { rules }) },
      { ...(signal && { signal }) },
    );
    for (const { document, status, verdict } of rows) {
      const alert = JSON.parse(document) as Alert;
      found.looked++;
      if (!test(alert)) continue;
      found.hidden++;
      if (verdict === "true_positive") found.truePositives++;
      if (verdict === "false_positive") found.falsePositives++;
      const { events: _, lastEvent: __, ...head } = alert;
      if (examples.length < mostExamples) examples.push({ ...head, status });
    }
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return { ...found, complete: true, examples };
    if (found.looked >= mostLooked || performance.now() > until)
      return { ...found, complete: false, examples };
    before = { at: Number(last.at), id: last.id };
  }
}

/** The rules that matchers name exactly, in lower case: others need not be read. Undefined where they name none. */
function exactRules(matchers: readonly Matcher[]): string[] | undefined {
  const named = matchers.find(
    ({ field, operator, values }) =>
      field === "rule" && operator === "is" && values.every((value) => !value.includes("*")),
  );
  return named?.values.map((value) => value.toLowerCase());
}
