import { hash } from "node:crypto";
import type { Piece, Severity } from "@vedette/sdk";
import type { NotificationRule } from "../../config/index.ts";
import { quietUntil } from "./quiet.ts";
import { rankOf } from "./subject.ts";

/** Alerts, events or incidents of one kind that came together. Times in milliseconds since 1970. */
export interface Hits {
  readonly group: string;
  /** An id that is the same when the same comes again. */
  readonly firstId: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly severity: Severity;
  readonly about: "alert" | "event" | "incident";
  /** One of them, as it is told. */
  readonly title: readonly Piece[];
  readonly lines: readonly (readonly Piece[])[];
  readonly link?: string;
}

type Gathered = Pick<Hits, "count" | "first" | "last" | "severity" | "title">;

/** What a rule has gathered and not told yet; JSON in the control database. */
export interface WindowState {
  /** When the digest is due; 0 while nothing is open. */
  readonly until: number;
  readonly opened: number;
  /** Kinds told at once in this window, by severity. */
  readonly told: Readonly<Partial<Record<Severity, number>>>;
  /** Kinds that were told lately, by their hash, and until when they are only gathered. */
  readonly recent: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, Gathered>>;
  /** What did not fit among the groups. */
  readonly others: number;
  readonly about: Hits["about"];
}

/** What is to be told now. */
export type News =
  | { readonly kind: "one"; readonly hits: Hits }
  | { readonly kind: "digest"; readonly state: WindowState; readonly now: number };

export const emptyWindow: WindowState = {
  ...{ until: 0, opened: 0, told: {}, recent: {}, groups: {}, others: 0, about: "alert" },
};

const mostGroups = 100;
const mostRecent = 500;
/** What is older than this is told in the digest only: nobody wants a burst about yesterday. */
export const lateMs = 3_600_000;

const keyOf = (group: string): string => hash("sha256", group, "base64url").slice(0, 16);

type Step = { readonly state: WindowState; readonly news: readonly News[] };

/** Takes what came for a rule: the first of a kind is news, the rest is gathered. */
export function gather(state: WindowState, rule: NotificationRule, hits: readonly Hits[], now: number): Step {
  let next = due(state, rule, now);
  const news = [...next.news];
  for (const each of hits) {
    const { state: after, isNews } = take(next.state, rule, each, now);
    next = { state: after, news };
    if (isNews) news.push({ kind: "one", hits: each });
  }
  return { state: next.state, news };
}

/** The digest, where it is due and something was gathered. */
export function due(state: WindowState, rule: NotificationRule, now: number): Step {
  if (state.until === 0 || now < state.until) return { state, news: [] };
  const gathered = totalOf(state);
  if (gathered === 0) return { state: { ...emptyWindow, recent: current(state.recent, now) }, news: [] };
  const quiet = isBelow(severityOfState(state), rule) ? quietUntil(rule.quietHours, now) : undefined;
  if (quiet !== undefined) return { state: { ...state, until: quiet }, news: [] };
  const told = Object.keys(state.groups).map((key): [string, number] => [key, now + rule.cooldown]);
  const recent = current({ ...state.recent, ...Object.fromEntries(told) }, now);
  const opened = { ...emptyWindow, opened: now, until: now + rule.cooldown, recent, about: state.about };
  return { state: opened, news: [{ kind: "digest", state, now }] };
}

/** How many a window holds untold. */
export const totalOf = ({ groups, others }: WindowState): number =>
  Object.values(groups).reduce((sum, { count }) => sum + count, others);

/** The highest severity that was gathered. */
export const severityOfState = ({ groups }: WindowState): Severity =>
  Object.values(groups).reduce<Severity>((most, { severity }) => higher(most, severity), "info");

export const higher = (a: Severity, b: Severity): Severity => (rankOf(b) > rankOf(a) ? b : a);

const isBelow = (severity: Severity, { quietHours }: NotificationRule): boolean =>
  quietHours !== undefined && rankOf(severity) < rankOf(quietHours.except);

function take(
  before: WindowState,
  rule: NotificationRule,
  hits: Hits,
  now: number,
): { readonly state: WindowState; readonly isNews: boolean } {
  const state: WindowState =
    before.until === 0
      ? { ...before, opened: now, until: now + rule.cooldown, told: {}, about: hits.about }
      : before;
  const key = keyOf(hits.group);
  const told = state.told[hits.severity] ?? 0;
  const isQuiet = isBelow(hits.severity, rule) && quietUntil(rule.quietHours, now) !== undefined;
  const isKnown = (state.recent[key] ?? 0) > now || state.groups[key] !== undefined;
  if (isKnown || isQuiet || told >= rule.immediate || now - hits.last > lateMs)
    return { state: gathered(state, key, hits), isNews: false };
  return {
    state: {
      ...state,
      told: { ...state.told, [hits.severity]: told + 1 },
      recent: current({ ...state.recent, [key]: now + rule.cooldown }, now),
    },
    isNews: true,
  };
}

function gathered(state: WindowState, key: string, hits: Hits): WindowState {
  const known = state.groups[key];
  if (known === undefined && Object.keys(state.groups).length >= mostGroups) {
    // The least of the known ones makes room for a worse one; its count is kept among the others.
    const [least, of] = Object.entries(state.groups).reduce((low, each) =>
      rankOf(each[1].severity) < rankOf(low[1].severity) ? each : low,
    );
    if (rankOf(of.severity) >= rankOf(hits.severity)) return { ...state, others: state.others + hits.count };
    const { [least]: gone, ...rest } = state.groups;
    return gathered({ ...state, groups: rest, others: state.others + (gone?.count ?? 0) }, key, hits);
  }
  const { count, first, last, severity, title } = hits;
  const group: Gathered =
    known === undefined
      ? { count, first, last, severity, title }
      : {
          count: known.count + count,
          first: Math.min(known.first, first),
          last: Math.max(known.last, last),
          severity: higher(known.severity, severity),
          title: known.title,
        };
  return { ...state, groups: { ...state.groups, [key]: group } };
}

/** Those that still hold, the latest ones where they are too many. */
function current(recent: Readonly<Record<string, number>>, now: number): Record<string, number> {
  const held = Object.entries(recent).filter(([, until]) => until > now);
  return Object.fromEntries(held.sort((a, b) => b[1] - a[1]).slice(0, mostRecent));
}

/** What was gathered, the worst and then the most frequent first. */
export const rankedGroups = ({ groups }: WindowState): Gathered[] =>
  Object.values(groups).sort((a, b) => rankOf(b.severity) - rankOf(a.severity) || b.count - a.count);
