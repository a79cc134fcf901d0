import type { Clock, Event, Logger } from "@vedette/sdk";
import { type EventRow, eventFromRow } from "./api/index.ts";
import type { Detector } from "./detect/index.ts";
import type { Ledger } from "./ingest/index.ts";
import { type StoredAlert, storedAlert } from "./records/index.ts";
import { alertsNow, type Store } from "./store/index.ts";

/** Sequences per agent and epoch that are read back; an agent's window is far smaller. */
const recentSequences = 20_000;
/** Bounds of what is read back for detection. Older or further events are not counted after a restart. */
const maxEvents = 2_000_000;
const pageRows = 20_000;
const maxAlerts = 200_000;
const alertWindowMs = 7 * 86_400_000;

interface RestoreDeps {
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * Reads back what a restart forgot: which batches are stored and, for a detector, which events and alerts rules still look at.
 */
export async function restoreState(
  store: Store,
  detector: Detector | undefined,
  ledger: Ledger,
  deps: RestoreDeps,
): Promise<void> {
  const started = deps.clock.now();
  const agents = await restoreLedger(store, ledger);
  const alerts = detector && (await restoreAlerts(store, detector, started));
  const events = detector && (await restoreHistory(store, detector, started));
  deps.log.info(
    { agents, alerts, events, ms: deps.clock.now() - started },
    "State was read back from the store.",
  );
}

/** Reads back which events and alerts a detector's rules still look at; of events only those ingested since a time, where it is given. */
export async function restoreDetector(
  store: Store,
  detector: Detector,
  deps: RestoreDeps,
  ingestedSince?: number,
): Promise<void> {
  const now = deps.clock.now();
  if (ingestedSince === undefined) await restoreAlerts(store, detector, now);
  await restoreHistory(store, detector, now, ingestedSince);
}

/**
 * Adds to a ledger what any collector has stored since a time (milliseconds since 1970), or ever: the latest sequences of
 * each life of an agent that stored anything since. Gives the number of lives.
 */
export async function restoreLedger(store: Store, ledger: Ledger, since = 0): Promise<number> {
  const rows = await store.query<{ agentId: string; epoch: string; top: string; sequences: string[] }>(
    `WITH last AS (SELECT agentId, epoch, max(sequence) AS top FROM batches
       WHERE storedAt >= fromUnixTimestamp64Milli({since:Int64}) GROUP BY agentId, epoch)
     SELECT agentId, epoch, top, groupUniqArray(sequence) AS sequences
     FROM batches INNER JOIN last USING (agentId, epoch)
     WHERE agentId IN (SELECT agentId FROM last) AND sequence + {recent:UInt64} > top
     GROUP BY agentId, epoch, top`,
    { recent: recentSequences, since },
  );
  for (const { agentId, epoch, top, sequences } of rows) {
    const from = Math.max(0, Number(top) - recentSequences + 1);
    ledger.restore(agentId, Number(epoch), from, sequences.map(Number));
  }
  return rows.length;
}

async function restoreAlerts(store: Store, detector: Detector, now: number): Promise<number> {
  const rows = await store.query<StoredAlert>(
    `SELECT document, status, hidden FROM ${alertsNow} WHERE timestamp >= {since:DateTime64(3)} ORDER BY timestamp, id LIMIT {most:UInt32}`,
    { since: seconds(now - Math.max(alertWindowMs, detector.alertNeedMs())), most: maxAlerts },
  );
  return detector.rebuildAlerts(rows.map(storedAlert));
}

async function restoreHistory(
  store: Store,
  detector: Detector,
  now: number,
  ingestedSince = 0,
): Promise<number> {
  const since: Since[] = [];
  for (const { dataType, windowMs } of detector.historyNeeds()) {
    since.push({ dataType, since: seconds((await newestBefore(store, dataType, now)) - windowMs) });
  }
  return since.length === 0 ? 0 : detector.rebuild(eventsSince(store, since, ingestedSince));
}

const likePattern = (dataType: string): string => dataType.replaceAll(/[%_\\]/g, "\\$&").replaceAll("*", "%");

/** Windows end at the newest stored event: after a long outage the backlog still finds what came before it. */
async function newestBefore(store: Store, dataType: string, now: number): Promise<number> {
  const [row] = await store.query<{ newest: string }>(
    "SELECT toUnixTimestamp64Milli(max(timestamp)) AS newest FROM events WHERE dataType LIKE {pattern:String}",
    { pattern: likePattern(dataType) },
  );
  const newest = Number(row?.newest ?? 0);
  return newest > 0 ? Math.min(now, newest) : now;
}

/** Which stored events are read: those of a data type since a time, in seconds since 1970. */
interface Since {
  readonly dataType: string;
  readonly since: number;
}

/** Stored events in the order of arrival, whatever their data types: by batch, and within one by time. */
async function* eventsSince(
  store: Store,
  needs: readonly Since[],
  ingestedSince: number,
): AsyncGenerator<Event> {
  const wanted = needs.map(
    (_, at) => `dataType LIKE {p${at}:String} AND timestamp >= {s${at}:DateTime64(3)}`,
  );
  const params = Object.fromEntries(
    needs.flatMap(({ dataType, since }, at) => [
      [`p${at}`, likePattern(dataType)],
      [`s${at}`, since],
    ]),
  );
  let after = { ingested: ingestedSince, timestamp: 0, id: "" };
  for (let read = 0; read < maxEvents; ) {
    const rows = await store.query<EventRow & { ingestedAtMs: string; timestampMs: string; id: string }>(
      `SELECT *, toUnixTimestamp64Milli(ingestedAt) AS ingestedAtMs, toUnixTimestamp64Milli(timestamp) AS timestampMs
       FROM events
       WHERE (${wanted.join(" OR ")}) AND timestamp >= {earliest:DateTime64(3)}
         AND (ingestedAtMs, timestampMs, id) > ({ingested:Int64}, {timestamp:Int64}, {id:String})
       ORDER BY ingestedAtMs, timestampMs, id LIMIT {page:UInt32}`,
      { ...params, ...after, earliest: Math.min(...needs.map(({ since }) => since)), page: pageRows },
    );
    for (const { ingestedAtMs, timestampMs, ...row } of rows) {
      yield eventFromRow(row as EventRow);
      after = { ingested: Number(ingestedAtMs), timestamp: Number(timestampMs), id: row.id };
    }
    read += rows.length;
    if (rows.length < pageRows) return;
  }
}

const seconds = (ms: number): number => ms / 1_000;
