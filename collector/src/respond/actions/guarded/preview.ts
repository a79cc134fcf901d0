import { type Alert, canonicalTarget, VedetteError } from "@vedette/sdk";
import type { ActionsConfig } from "../../../config/index.ts";
import { alertsNow } from "../../../store/index.ts";
import type { Verdict } from "./guards.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { ActionRegistry } from "./registry.ts";
import { askOf, type LoadedRule, startedBy, valuesAt } from "./rules.ts";
import type { Refusal } from "./types.ts";

/** What a rule would have done to one target. Times in milliseconds since 1970. */
export interface PreviewedTarget {
  readonly target: string;
  readonly alerts: number;
  readonly first: number;
  readonly last: number;
  /** Alerts that people closed as false positives, and as true ones. */
  readonly falsePositives: number;
  readonly truePositives: number;
  /** Runs that there would have been: one in each window. */
  readonly runs: number;
  readonly refusal?: Refusal;
}

/** What a rule would have done over stored alerts. */
export interface RulePreview {
  readonly rule: string;
  readonly fingerprint: string;
  readonly hours: number;
  /** Stored alerts that were looked at; `complete` is false where there were more. */
  readonly looked: number;
  readonly complete: boolean;
  readonly matched: number;
  /** Targets that it would have acted on, and that guards refuse. */
  readonly wouldAct: number;
  readonly refused: number;
  /** Runs over the limit of a minute. */
  readonly overLimit: number;
  readonly targets: readonly PreviewedTarget[];
}

export interface PreviewStore {
  query<Row>(
    sql: string,
    params?: Readonly<Record<string, string | number>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Row[]>;
}

interface PreviewDeps {
  readonly store: PreviewStore;
  readonly registry: ActionRegistry;
  readonly config: ActionsConfig;
  readonly judge: (prepared: Prepared) => Promise<Verdict>;
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

const mostLooked = 50_000;
const pageRows = 1_000;
const mostMs = 20_000;
const mostTargets = 5_000;
const mostTold = 200;

interface Row {
  readonly id: string;
  readonly at: string;
  readonly verdict: string;
  readonly document: string;
}

interface Gathered {
  alerts: number;
  first: number;
  last: number;
  falsePositives: number;
  truePositives: number;
  readonly keys: Set<string>;
  readonly example: Alert;
  readonly value: string;
}

/** Reads the stored alerts of the last hours by the code that would act on them, and asks the guards about each target. */
export async function previewRule(
  loaded: LoadedRule,
  hours: number,
  deps: PreviewDeps,
): Promise<RulePreview> {
  const { rule, fingerprint } = loaded;
  const targets = new Map<string, Gathered>();
  const minutes = new Map<number, number>();
  const seen = await readAlerts(deps, hours, (alert, at, verdict) => {
    if (!startedBy(rule, alert)) return false;
    for (const value of valuesAt(alert, rule.field))
      note(targets, minutes, { loaded, alert, at, verdict, value });
    return true;
  });
  const told: PreviewedTarget[] = [];
  let refused = 0;
  for (const { keys, example, value, ...each } of targets.values()) {
    const prepared = prepare(askOf(loaded, example, value, true), deps.registry, deps.config);
    const { refusal } = await deps.judge(prepared);
    // What the present does not allow, such as a limit, says nothing about the past.
    const counts = refusal && lasting.has(refusal.guard);
    if (counts) refused++;
    const target = canonicalTarget(prepared.target)?.value ?? value.slice(0, 300);
    told.push({ ...each, target, runs: keys.size, ...(counts && { refusal }) });
  }
  const { perMinute } = deps.config.caps;
  const overLimit = [...minutes.values()].reduce((sum, count) => sum + Math.max(0, count - perMinute), 0);
  told.sort((a, b) => b.alerts - a.alerts);
  return {
    ...{ rule: rule.name, fingerprint, hours, ...seen, wouldAct: told.length - refused, refused, overLimit },
    targets: told.slice(0, mostTold),
  };
}

const lasting: ReadonlySet<Refusal["guard"]> = new Set([
  ...(["target", "never_touch", "allowed", "parameters", "permission", "ttl"] as const),
]);

function note(
  targets: Map<string, Gathered>,
  minutes: Map<number, number>,
  given: {
    readonly loaded: LoadedRule;
    readonly alert: Alert;
    readonly at: number;
    readonly verdict: string;
    readonly value: string;
  },
): void {
  const { loaded, alert, at, verdict, value } = given;
  const known = targets.get(value);
  if (!known && targets.size >= mostTargets) return;
  const { events: _, lastEvent, ...head } = alert;
  const example = loaded.rule.field.startsWith("lastEvent") && lastEvent ? { ...head, lastEvent } : head;
  const entry = known ?? {
    ...{ alerts: 0, first: at, last: at, falsePositives: 0, truePositives: 0 },
    ...{ keys: new Set<string>(), example, value },
  };
  targets.set(value, entry);
  entry.alerts++;
  entry.first = Math.min(entry.first, at);
  entry.last = Math.max(entry.last, at);
  if (verdict === "false_positive") entry.falsePositives++;
  if (verdict === "true_positive") entry.truePositives++;
  const { key = "" } = askOf(loaded, alert, value, true);
  if (entry.keys.has(key)) return;
  entry.keys.add(key);
  const minute = Math.floor(at / 60_000);
  minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
}

async function readAlerts(
  { store, now, signal }: PreviewDeps,
  hours: number,
  visit: (alert: Alert, at: number, verdict: string) => boolean,
): Promise<Pick<RulePreview, "looked" | "complete" | "matched">> {
  const until = performance.now() + mostMs;
  const found = { looked: 0, matched: 0 };
  let before = { at: now + 60_000, id: "" };
  for (;;) {
    const rows = await store.query<Row>(
      `SELECT id, toUnixTimestamp64Milli(timestamp) AS at, verdict, document FROM ${alertsNow}
       WHERE timestamp >= fromUnixTimestamp64Milli({since:Int64}) AND timestamp <= fromUnixTimestamp64Milli({at:Int64})
         AND (timestamp, id) < (fromUnixTimestamp64Milli({at:Int64}), {id:String}) AND hidden = ''
       ORDER BY timestamp DESC, id DESC LIMIT {page:UInt32}`,
      { since: now - hours * 3_600_000, ...before, page: pageRows },
      { ...(signal && { signal }) },
    );
    for (const { document, at, verdict } of rows) {
      found.looked++;
      if (visit(JSON.parse(document) as Alert, Number(at), verdict)) found.matched++;
    }
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return { ...found, complete: true };
    if (found.looked >= mostLooked || performance.now() > until) return { ...found, complete: false };
    before = { at: Number(last.at), id: last.id };
  }
}

/** What a target did of late, so that whoever acts on it sees what that would cut off. */
export interface TargetHistory {
  readonly events: number;
  readonly users: number;
  readonly hosts: number;
  /** Events that succeeded: logins and requests that somebody would miss. */
  readonly succeeded: number;
  readonly alerts: number;
}

/** Counts the events of the last hours from a target. Undefined where it is not something that events name. */
export async function historyOf(
  store: PreviewStore,
  { type, value }: { readonly type: string; readonly value: string },
  {
    hours,
    now,
    signal,
  }: { readonly hours: number; readonly now: number; readonly signal?: AbortSignal | undefined },
): Promise<TargetHistory | undefined> {
  const where = conditions[type];
  if (where === undefined) return undefined;
  const params = { since: now - hours * 3_600_000, value };
  const options = { ...(signal && { signal }) };
  const range = "timestamp >= fromUnixTimestamp64Milli({since:Int64})";
  try {
    const [events] = await store.query<Record<string, string>>(
      `SELECT count() AS events, uniq(\`origin.user\`) AS users, uniq(dataSource) AS hosts, countIf(actionResult = 'success') AS succeeded
       FROM events WHERE ${range} AND ${where}`,
      params,
      options,
    );
    const entity = `${type === "cidr" ? "ip" : type}:${value}`;
    const [alerts] = await store.query<{ count: string }>(
      `SELECT count() AS count FROM alerts FINAL WHERE ${range} AND has(entities, {entity:String})`,
      { ...params, entity },
      options,
    );
    return {
      ...{ events: Number(events?.events ?? 0), users: Number(events?.users ?? 0) },
      ...{ hosts: Number(events?.hosts ?? 0), succeeded: Number(events?.succeeded ?? 0) },
      alerts: Number(alerts?.count ?? 0),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof VedetteError) return undefined;
    throw error;
  }
}

const conditions: Readonly<Record<string, string>> = {
  ip: "`origin.ip` = {value:String}",
  cidr: "`origin.ip` != '' AND isIPAddressInRange(`origin.ip`, {value:String})",
  user: "`origin.user` = {value:String}",
  host: "`origin.host` = {value:String}",
};
