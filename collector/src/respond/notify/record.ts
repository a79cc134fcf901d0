import type { Notice } from "@vedette/sdk";
import type { ControlDatabase } from "../../control/index.ts";
import type { CompiledRule } from "./compile.ts";
import { noticeId, noticeOfDigest, noticeOfOne } from "./compose.ts";
import { post } from "./outbox.ts";
import type { PendingGroup } from "./pending.ts";
import { due, emptyWindow, gather, type Hits, type News, type WindowState } from "./window.ts";

/** What deciding works with. */
export interface RecordOptions {
  readonly maxWaiting: number;
  readonly pageUrl: string | undefined;
}

const idsAtOnce = 200;

/**
 * Decides in one transaction what is told of what a rule matched: repeats are left out, the window of the rule moves on,
 * notices go into the outbox. After a crash all of it happened or nothing did. Gives the number of notices.
 */
export function record(
  database: ControlDatabase,
  rule: CompiledRule,
  groups: readonly PendingGroup[],
  overflow: number,
  now: number,
  options: RecordOptions,
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const state = await windowOf(transaction, rule.name);
    const fresh = await firstSeen(transaction, rule.name, groups, now);
    const hits = groups.flatMap((group): Hits[] => {
      const count = group.loose + group.ids.filter((id) => fresh.has(id)).length;
      return count === 0 ? [] : [{ ...group.hits, count }];
    });
    const step = gather(state, rule, hits, now);
    const opened =
      overflow > 0 && step.state.until === 0
        ? { ...step.state, opened: now, until: now + rule.cooldown, told: {} }
        : step.state;
    return keep(transaction, rule, { ...opened, others: opened.others + overflow }, step.news, now, options);
  });
}

/** Tells of what a rule has gathered, where that is due. Gives the number of notices. */
export function recordDue(
  database: ControlDatabase,
  rule: CompiledRule,
  now: number,
  options: RecordOptions,
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { state, news } = due(await windowOf(transaction, rule.name), rule, now);
    return keep(transaction, rule, state, news, now, options);
  });
}

/** Names of the rules whose digests are due. */
export async function dueRules(database: ControlDatabase, now: number): Promise<string[]> {
  const rows = await database
    .selectFrom("notification_windows")
    .select("rule")
    .where("due_at", ">", 0)
    .where("due_at", "<=", now)
    .limit(1_000)
    .execute();
  return rows.map(({ rule }) => rule);
}

/** Forgets what a rule gathered that is no longer there. */
export async function forget(database: ControlDatabase, rule: string): Promise<void> {
  await database.deleteFrom("notification_windows").where("rule", "=", rule).execute();
}

/** Writing the row first makes other collectors wait until this transaction ends. */
async function windowOf(transaction: ControlDatabase, rule: string): Promise<WindowState> {
  await transaction
    .insertInto("notification_windows")
    .values({ rule, state: JSON.stringify(emptyWindow), due_at: 0 })
    .onConflict((conflict) => conflict.column("rule").doUpdateSet({ rule }))
    .execute();
  const { state } = await transaction
    .selectFrom("notification_windows")
    .select("state")
    .where("rule", "=", rule)
    .executeTakeFirstOrThrow();
  return JSON.parse(state) as WindowState;
}

async function firstSeen(
  transaction: ControlDatabase,
  rule: string,
  groups: readonly PendingGroup[],
  now: number,
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(groups.flatMap((group) => group.ids))];
  const fresh = new Set<string>();
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const byKey = new Map(ids.slice(at, at + idsAtOnce).map((id) => [noticeId(rule, id), id]));
    const rows = await transaction
      .insertInto("notification_seen")
      .values([...byKey.keys()].map((id) => ({ id, seen_at: now })))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id")
      .execute();
    for (const { id } of rows) fresh.add(byKey.get(id)!);
  }
  return fresh;
}

async function keep(
  transaction: ControlDatabase,
  rule: CompiledRule,
  state: WindowState,
  news: readonly News[],
  now: number,
  options: RecordOptions,
): Promise<number> {
  await transaction
    .updateTable("notification_windows")
    .set({ state: JSON.stringify(state), due_at: state.until })
    .where("rule", "=", rule.name)
    .execute();
  const deliveries = news.flatMap((each) => {
    const { key, notice } = noticeOf(rule, each, now, options);
    return rule.channels.map((channel) => {
      const id = noticeId(rule.name, channel, ...key);
      return { id, channel, rule: rule.name, notice: { ...notice, id } satisfies Notice };
    });
  });
  await post(transaction, deliveries, now, options.maxWaiting);
  return deliveries.length;
}

function noticeOf(rule: CompiledRule, news: News, now: number, { pageUrl }: RecordOptions) {
  if (news.kind === "one")
    return { key: ["one", news.hits.firstId], notice: noticeOfOne(rule, news.hits, now) };
  const { state } = news;
  const key = ["digest", String(state.opened), String(state.until)];
  return { key, notice: noticeOfDigest(rule, state, now, pageUrl) };
}
