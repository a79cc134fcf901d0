import { createRoute, z } from "@hono/zod-openapi";
import { alertsNow } from "../../store/index.ts";
import type { ApiDeps } from "../deps.ts";
import { timeOf } from "../row-values.ts";
import { runQuery } from "../run-query.ts";
import { Binder, moment } from "../search/index.ts";
import { jsonAnswer, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const day = 86_400_000;
/** An enrichment database older than this is called stale. */
const staleDays = 90;
const time = z.iso.datetime().optional();

const stats = z
  .object({
    now: z.iso.datetime(),
    version: z.string(),
    startedAt: z.iso.datetime(),
    events: z.object({
      total: z.int(),
      lastMinute: z.int(),
      lastHour: z.int(),
      perSecond: z.number().openapi({ description: "Over the last minute." }),
      newest: time,
      lagSeconds: z.number().optional().openapi({
        description:
          "From reading a line to accepting its event, for 95 of 100 events of the last 5 minutes.",
      }),
    }),
    alerts: z.object({ open: z.int(), lastDay: z.int() }),
    deadLetters: z.object({ lastDay: z.int() }),
    agents: z.array(
      z.object({
        agentId: z.string(),
        host: z.string(),
        version: z.string(),
        connected: z.boolean(),
        lastSeen: time,
        lastEventAt: time,
        events: z.int(),
        clockSkewMs: z.number(),
      }),
    ),
    engine: z.object({
      kind: z.enum(["embedded", "server"]),
      state: z.enum(["running", "starting", "down"]),
      restarts: z.int().optional(),
      bytesOnDisk: z.int().optional(),
    }),
    databases: z.array(
      z.object({
        name: z.string(),
        builtAt: time,
        ageDays: z.int().optional(),
        stale: z.boolean(),
        problem: z.string().optional(),
      }),
    ),
    kafka: z
      .object({
        topic: z.string(),
        group: z.string(),
        connected: z.boolean(),
        partitions: z.array(
          z.object({
            partition: z.int(),
            lag: z.int().openapi({ description: "Batches that are not done, as last asked for." }),
            inFlight: z
              .int()
              .openapi({ description: "Batches being stored, or waiting for an earlier one." }),
          }),
        ),
        problem: z.string().optional(),
      })
      .optional()
      .openapi({ description: "Its part of the topic of batches, where it takes batches from Kafka." }),
  })
  .openapi("Stats");

const route = createRoute({
  method: "get",
  path: "/stats",
  summary: "Rates, totals, agents and health",
  request: { query: z.strictObject({}) },
  responses: { 200: jsonAnswer(stats, "How the collector fares."), ...problems },
});

interface Counts {
  readonly total: number;
  readonly lastMinute: number;
  readonly lastHour: number;
  readonly newest: string;
  readonly lag: number | null;
  readonly open: number;
  readonly alertsDay: number;
  readonly letters: number;
}

/** Rates, totals, agents and health in one answer. */
export function statsRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(route, async (c) => {
    const now = deps.clock.now();
    const signal = c.req.raw.signal;
    const [counts, bytes] = await Promise.all([readCounts(deps, now, signal), readBytes(deps, signal)]);
    const { engine, agents, databases, kafka, version, startedAt } = deps.status();
    const newest = timeOf(counts.newest);
    return c.json(
      {
        now: new Date(now).toISOString(),
        version,
        startedAt,
        events: {
          total: Number(counts.total),
          lastMinute: Number(counts.lastMinute),
          lastHour: Number(counts.lastHour),
          perSecond: Math.round((Number(counts.lastMinute) / 60) * 10) / 10,
          ...(newest === undefined ? {} : { newest }),
          ...(counts.lag === null || Number.isNaN(counts.lag) ? {} : { lagSeconds: counts.lag }),
        },
        alerts: { open: Number(counts.open), lastDay: Number(counts.alertsDay) },
        deadLetters: { lastDay: Number(counts.letters) },
        agents: [...agents],
        engine: { ...engine, ...(bytes === undefined ? {} : { bytesOnDisk: bytes }) },
        databases: databases.map((database) => ({ ...database, ...ageOf(database.builtAt, now) })),
        ...(kafka && { kafka: { ...kafka, partitions: [...kafka.partitions] } }),
      },
      200,
    );
  });
}

async function readCounts(deps: ApiDeps, now: number, signal: AbortSignal): Promise<Counts> {
  const bind = new Binder();
  const ago = (milliseconds: number) => moment(now - milliseconds, bind);
  const hour = ago(3_600_000);
  const lag = "greatest(0, dateDiff('millisecond', timestamp, ingestedAt)) / 1000";
  const sql = `SELECT
      (SELECT count() FROM events) AS total,
      lastMinute, lastHour, newest, lag,
      (SELECT count() FROM ${alertsNow} WHERE status = 'open' AND hidden = '') AS open,
      (SELECT count() FROM alerts FINAL WHERE hidden = '' AND timestamp >= ${ago(day)}) AS alertsDay,
      (SELECT count() FROM dead_letters WHERE time >= ${ago(day)}) AS letters
    FROM (
      SELECT countIf(timestamp >= ${ago(60_000)}) AS lastMinute, count() AS lastHour, max(timestamp) AS newest,
        if(countIf(timestamp >= ${ago(300_000)}) = 0, NULL,
          quantileIf(0.95)(${lag}, timestamp >= ${ago(300_000)} AND toUnixTimestamp(ingestedAt) > 0)) AS lag
      FROM events WHERE timestamp >= ${hour})`;
  const [row] = await runQuery<Counts>(deps.store, sql, bind, signal);
  return row!;
}

/** Size on disk. A server may hide its system tables; then the size is left out. */
async function readBytes(deps: ApiDeps, signal: AbortSignal): Promise<number | undefined> {
  const sql = `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()`;
  try {
    const [row] = await runQuery<{ bytes: number }>(deps.store, sql, new Binder(), signal);
    return row === undefined ? undefined : Number(row.bytes);
  } catch (error) {
    deps.log.debug({ error }, "The store does not tell its size on disk.");
    return undefined;
  }
}

function ageOf(builtAt: string | undefined, now: number): { ageDays?: number; stale: boolean } {
  const built = Date.parse(builtAt ?? "");
  if (Number.isNaN(built)) return { stale: false };
  const ageDays = Math.max(0, Math.floor((now - built) / day));
  return { ageDays, stale: ageDays > staleDays };
}
