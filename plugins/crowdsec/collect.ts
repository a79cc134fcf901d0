import { hash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { CollectCapability, EmittedEvent, PluginContext } from "@vedette/sdk";
import { z } from "zod";
import { backendOf } from "./action.ts";
import { actionOf, type Decision, millisecondsOf, targetOf } from "./decision.ts";
import { lapi } from "./lapi.ts";
import type { Settings } from "./settings.ts";

const stateKey = "decisions";
const mostRecent = 2_000;
/** New decisions of one look; the rest comes with the next, which is at once. */
const mostAtOnce = 5_000;
const latelyMs = 3_600_000;
/** CrowdSec's log says the same: its line should be stored first, as it says more. */
const settleMs = 2_000;

/** What was stored already. */
const cursor = z.object({
  /** Highest number of a decision. */
  last: z.int().default(0),
  /** The latest ones, number and value: numbers begin anew with a new database. */
  recent: z.array(z.tuple([z.int(), z.string()])).default([]),
  /** The other side may have given changes that did not arrive: ask for all. */
  all: z.boolean().default(true),
});
type Cursor = z.infer<typeof cursor>;

export const collect: CollectCapability<Settings> = {
  collect: (context) => collectDecisions(context, settleMs),
};

/**
 * New decisions as events `security.ban`, and those that have ended as `security.unban`, each once. The cursor moves after the events are
 * on disk. CrowdSec remembers by the key of the bouncer what it gave, so that after any failure all is asked for again.
 */
export async function* collectDecisions(
  context: PluginContext<Settings>,
  settle: number,
): AsyncGenerator<EmittedEvent> {
  const { settings, state, signal } = context;
  if (!settings.decisions || (settings.transport === "lapi" && settings.connection === "")) return;
  const before = cursor.parse((await state.get(stateKey)) ?? {});
  // Said before asking: what is lost on the way was given, and will not be given again.
  if (!before.all) await state.set(stateKey, { ...before, all: true });
  const { fresh, ended } = await changesSince(before, context);
  const all = before.all || settings.transport === "cscli";
  const known = new Set(before.recent.map(([id, value]) => `${id} ${value}`));
  const isNew = ({ id, value }: Decision): boolean =>
    !known.has(`${id} ${value}`) && (id > before.last || !all);
  const unseen = fresh.filter(isNew).sort((left, right) => left.id - right.id);
  const taken = unseen.slice(0, mostAtOnce);
  const over = ended.filter((each) => !all || endedLately(each)).slice(0, mostAtOnce);
  if (taken.length > 0) await setTimeout(settle, undefined, { signal });
  await context.emit(
    ...taken.map((each) => eventOf(each, "security.ban")),
    ...over.map((each) => eventOf(each, "security.unban")),
  );
  const more = taken.length < unseen.length;
  await state.set(stateKey, after({ ...before, all }, taken, more));
  if (more) context.backlog({ more: true });
  yield* [];
}

/** With all of it come those that ended days ago, too. */
const endedLately = ({ duration }: Decision): boolean => (millisecondsOf(duration) ?? 0) > -latelyMs;

function after(before: Cursor, taken: readonly Decision[], more: boolean): Cursor {
  const recent = [
    ...before.recent,
    ...taken.map(({ id, value }): [number, string] => [id, value.slice(0, 60)]),
  ];
  const highest = taken.at(-1)?.id ?? before.last;
  // Lower numbers among changes are those of a new database.
  const last = before.all ? Math.max(before.last, highest) : highest;
  return { last, recent: recent.slice(-mostRecent), all: more };
}

async function changesSince(
  { all }: Cursor,
  context: PluginContext<Settings>,
): Promise<{ readonly fresh: readonly Decision[]; readonly ended: readonly Decision[] }> {
  const { settings, signal } = context;
  const origins = settings.origins.split(",").filter((each) => each !== "");
  if (settings.transport === "lapi")
    return (await context.connection(lapi, settings.connection)).with(signal).changes(all, origins);
  // The command tells what is active, never what has ended.
  const active = await (await backendOf(context)).active();
  const wanted = active.filter(({ origin }) => origins.length === 0 || origins.includes(origin));
  return { fresh: wanted, ended: [] };
}

const lasts = (duration: string): number | undefined => {
  const ms = millisecondsOf(duration);
  return ms === undefined ? undefined : Math.round(ms / 1_000);
};

/** The event of a decision, always with the same id. */
export function eventOf(each: Decision, eventType: "security.ban" | "security.unban"): EmittedEvent {
  const { id, origin, type, scope, value, scenario, duration, simulated } = each;
  const target = targetOf(each);
  const isBan = eventType === "security.ban";
  const actionId = actionOf(scenario);
  const seconds = lasts(duration);
  const side = target?.type === "ip" ? { ip: target.value } : target ? { cidr: target.value } : undefined;
  return {
    id: hash("sha256", `crowdsec ${eventType} ${id} ${value} ${scenario}`, "hex").slice(0, 32),
    eventType,
    dataType: "crowdsec",
    action: type,
    severity: isBan && simulated !== true ? "high" : "info",
    ...(isBan ? simulated !== true && { actionResult: "denied" } : { actionResult: "success" }),
    ...(side && { origin: side }),
    log: {
      ...{ decisionId: id, decisionOrigin: origin, scenario, scope, value },
      ...(actionId !== undefined && { actionId }),
      ...(seconds !== undefined && isBan && { duration: `${seconds}s` }),
      ...(simulated === true && { simulated }),
    },
    raw: JSON.stringify({ id, origin, type, scope, value, scenario, simulated: simulated === true }),
  };
}
