import type { Notice } from "@vedette/sdk";
import type { ControlDatabase, NotificationRow } from "../../control/index.ts";

/** A notice on its way over a channel. Times in milliseconds since 1970. */
export interface Delivery {
  readonly id: string;
  readonly channel: string;
  readonly rule: string;
  readonly notice: Notice;
  readonly state: "waiting" | "sending" | "sent" | "dead";
  readonly attempts: number;
  readonly createdAt: number;
  readonly dueAt: number;
  /** An attempt may have reached the other side although its answer did not reach us: it may have come twice. */
  readonly uncertain: boolean;
  readonly endedAt?: number;
  readonly outcome?: string;
}

const table = "notifications";
/** So long a sender is taken to be alive; it sends for 20 s at most. */
export const leaseMs = 60_000;
const mostOutcome = 500;

/** Puts notices into the box, in the transaction that decided on them. One that is there already stays as it is. */
export async function post(
  transaction: ControlDatabase,
  deliveries: readonly Pick<Delivery, "id" | "channel" | "rule" | "notice">[],
  now: number,
  maxWaiting: number,
): Promise<void> {
  const room = new Map<string, number>();
  for (const { id, channel, rule, notice } of deliveries) {
    const left = room.get(channel) ?? maxWaiting - (await waitingFor(transaction, channel));
    room.set(channel, left - 1);
    const over =
      left > 0
        ? { state: "waiting", ended_at: null, outcome: null }
        : { state: "dead", ended_at: now, outcome: `${maxWaiting} wait for this channel already.` };
    await transaction
      .insertInto(table)
      .values({
        ...{ id, channel, rule, notice: JSON.stringify(notice), attempts: 0, created_at: now, due_at: now },
        ...{ claimed_by: null, uncertain: 0, ...over },
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
}

async function waitingFor(database: ControlDatabase, channel: string): Promise<number> {
  const { count } = await database
    .selectFrom(table)
    .select((each) => each.fn.countAll().as("count"))
    .where("channel", "=", channel)
    .where("state", "in", ["waiting", "sending"])
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The channels for which something is due, but those that are left alone for now. */
export async function dueChannels(
  database: ControlDatabase,
  now: number,
  but: readonly string[],
): Promise<string[]> {
  const rows = await database
    .selectFrom(table)
    .select("channel")
    .distinct()
    .where("state", "in", ["waiting", "sending"])
    .where("due_at", "<=", now)
    .$if(but.length > 0, (query) => query.where("channel", "not in", [...but]))
    .limit(50)
    .execute();
  return rows.map(({ channel }) => channel);
}

/**
 * Takes the next notice of a channel for one sender, for as long as its lease. What somebody else has begun and not ended
 * in time is taken over, and marked as uncertain.
 */
export async function claim(
  database: ControlDatabase,
  channel: string,
  by: string,
  now: number,
): Promise<Delivery | undefined> {
  const next = await database
    .selectFrom(table)
    .select(["id", "state"])
    .where("channel", "=", channel)
    .where("state", "in", ["waiting", "sending"])
    .where("due_at", "<=", now)
    .orderBy("due_at")
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  if (next === undefined) return undefined;
  const taken = await database
    .updateTable(table)
    .set((each) => ({
      ...{ state: "sending", claimed_by: by, due_at: now + leaseMs, attempts: each("attempts", "+", 1) },
      ...(next.state === "sending" ? { uncertain: 1 } : {}),
    }))
    .where("id", "=", next.id)
    // Again, for another collector may have taken it in between.
    .where("state", "=", next.state)
    .where("due_at", "<=", now)
    .returningAll()
    .executeTakeFirst();
  return taken && deliveryOf(taken);
}

/** Ends an attempt. Nothing changes where somebody else has taken it over. */
export async function settle(
  database: ControlDatabase,
  { id }: Pick<Delivery, "id">,
  by: string,
  to: { readonly state: "sent" | "dead" | "waiting"; readonly at: number; readonly outcome: string },
): Promise<void> {
  await database
    .updateTable(table)
    .set({
      ...{ state: to.state, due_at: to.at, claimed_by: null, outcome: to.outcome.slice(0, mostOutcome) },
      ...(to.state === "waiting" ? {} : { ended_at: to.at }),
    })
    .where("id", "=", id)
    .where("claimed_by", "=", by)
    .where("state", "=", "sending")
    .execute();
}

/** Notes that an attempt that failed may have arrived all the same. */
export async function markUncertain(database: ControlDatabase, id: string): Promise<void> {
  await database.updateTable(table).set({ uncertain: 1 }).where("id", "=", id).execute();
}

/** A dead letter is sent again, with all its attempts; false where there is none of this id. */
export async function revive(database: ControlDatabase, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable(table)
    .set({ state: "waiting", attempts: 0, due_at: now, ended_at: null })
    .where("id", "=", id)
    .where("state", "=", "dead")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The log, the latest first. `before` continues behind a delivery. */
export async function deliveries(
  database: ControlDatabase,
  limit: number,
  only: { readonly state?: string; readonly channel?: string; readonly rule?: string },
  before?: { readonly createdAt: number; readonly id: string } | undefined,
): Promise<Delivery[]> {
  const rows = await database
    .selectFrom(table)
    .selectAll()
    .$if(only.state !== undefined, (query) => query.where("state", "=", only.state!))
    .$if(only.channel !== undefined, (query) => query.where("channel", "=", only.channel!))
    .$if(only.rule !== undefined, (query) => query.where("rule", "=", only.rule!))
    .$if(before !== undefined, (query) =>
      query.where((each) =>
        each.or([
          each("created_at", "<", before!.createdAt),
          each.and([each("created_at", "=", before!.createdAt), each("id", "<", before!.id)]),
        ]),
      ),
    )
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(deliveryOf);
}

/** How many there are of each state, for pages and metrics. */
export async function tally(database: ControlDatabase): Promise<Record<string, number>> {
  const rows = await database
    .selectFrom(table)
    .select((each) => ["state", each.fn.countAll().as("count")])
    .groupBy("state")
    .execute();
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

const mostKept = 20_000;

/** Forgets what ended before a time, and the oldest of what is too much. */
export async function prune(
  database: ControlDatabase,
  endedBefore: number,
  seenBefore: number,
): Promise<void> {
  await database.deleteFrom("notification_seen").where("seen_at", "<", seenBefore).execute();
  await database
    .deleteFrom(table)
    .where("state", "in", ["sent", "dead"])
    .where("ended_at", "<", endedBefore)
    .execute();
  const surplus = database
    .selectFrom(table)
    .select("id")
    .where("state", "in", ["sent", "dead"])
    .orderBy("created_at", "desc")
    .limit(1_000_000)
    .offset(mostKept);
  await database.deleteFrom(table).where("id", "in", surplus).execute();
}

const deliveryOf = (row: NotificationRow): Delivery => ({
  ...{ id: row.id, channel: row.channel, rule: row.rule, notice: JSON.parse(row.notice) as Notice },
  ...{ state: row.state as Delivery["state"], attempts: row.attempts, createdAt: row.created_at },
  ...{ dueAt: row.due_at, uncertain: row.uncertain === 1 },
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  ...(row.outcome === null ? {} : { outcome: row.outcome }),
});
