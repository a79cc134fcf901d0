import type { Alert, Clock } from "@vedette/sdk";
import { alertsNow } from "../../store/index.ts";

/** How far back a collector looks when it starts. */
const catchUpMs = 900_000;
const pageRows = 1_000;
const mostPages = 50;

interface AlertSource {
  query<Row>(sql: string, params: Readonly<Record<string, string | number>>): Promise<Row[]>;
}

/**
 * Shows the alerts that were stored shortly before a start, a thousand at a time: a collector that was killed may have
 * stored some without looking at them. Those it has looked at count once all the same.
 */
export async function catchUp(
  store: AlertSource,
  clock: Clock,
  show: (alerts: readonly Alert[]) => void,
): Promise<number> {
  const since = (clock.now() - catchUpMs) / 1_000;
  let after = "";
  let count = 0;
  for (let page = 0; page < mostPages; page++) {
    const rows = await store.query<{ id: string; document: string }>(
      `SELECT id, document FROM ${alertsNow}
       WHERE storedAt >= {since:DateTime64(3)} AND status = 'open' AND hidden = '' AND id > {after:String}
       ORDER BY id LIMIT {page:UInt32}`,
      { since, after, page: pageRows },
    );
    show(rows.map((row) => JSON.parse(row.document) as Alert));
    count += rows.length;
    after = rows.at(-1)?.id ?? after;
    if (rows.length < pageRows) break;
  }
  return count;
}
