import { createHash } from "node:crypto";
import {
  type Alert,
  type CorrelateCapability,
  type Event,
  type ExportCapability,
  type Health,
  type PeriodicCapability,
  type PluginContext,
  plainValue,
  severities,
} from "@vedette/sdk";
import { type Broker, brokerConnection } from "./client.ts";
import { assetEntities, type Counts, type Kept, noCounts, ownEntities } from "./entities.ts";
import type { Settings } from "./settings.ts";

type Context = PluginContext<Settings>;
type Published = Record<string, string>;

/** Topics that the broker keeps; their list must fit into one value of the plugin's state. */
const mostTopics = 3_000;
const topicsInPart = 500;
const minuteMs = 60_000;

/** What is known of a broker while it is in use. Counters are kept across restarts. */
interface Memory {
  counts: Counts | undefined;
  savedCounts: Counts | undefined;
  published: Map<string, string> | undefined;
  connections: number;
  assetsDue: boolean;
  lookedAt: number;
  minute: number;
  sent: number;
  withheld: number;
  left: number;
}

const memories = new WeakMap<Broker, Memory>();

const memoryOf = (broker: Broker): Memory => {
  const known = memories.get(broker);
  if (known) return known;
  const made: Memory = {
    ...{ counts: undefined, savedCounts: undefined, published: undefined, connections: 0, assetsDue: true },
    ...{ lookedAt: Number.NEGATIVE_INFINITY, minute: 0, sent: 0, withheld: 0, left: 0 },
  };
  memories.set(broker, made);
  return made;
};

const brokerOf = async (context: Context): Promise<Broker | undefined> => {
  const { broker } = context.settings;
  return broker === "" ? undefined : context.connection(brokerConnection, broker);
};

/** Counts and publishes events, and notes that assets changed. */
export const exporting: ExportCapability<Settings> = {
  eventTypes: ["security.*", "action.*"],
  async event(event, context) {
    const broker = await brokerOf(context);
    if (!broker) return;
    const { eventType = "" } = event;
    const isAction = eventType.startsWith("action.");
    await count(broker, context, (counts) => ({
      ...counts,
      ...(isAction ? {} : { securityEvents: counts.securityEvents + 1 }),
      // What was refused, only recorded or taken back is no action that was done.
      ...(/^action\.(executed|failed|uncertain)$/.test(eventType) ? { actions: counts.actions + 1 } : {}),
      ...(eventType === "action.failed" ? { failedActions: counts.failedActions + 1 } : {}),
      ...(/^security\.ban(\.|$)/.test(eventType) ? { bans: counts.bans + 1 } : {}),
      ...(eventType === "security.geoblock" ? { geoblocks: counts.geoblocks + 1 } : {}),
    }));
    await message(broker, isAction ? "actions" : "events", eventMessage(event), context);
  },
  async asset(_, context, manual) {
    const broker = await brokerOf(context);
    if (broker && (manual || context.settings.publish === "auto")) memoryOf(broker).assetsDue = true;
  },
};

/** Counts and publishes alerts. */
export const correlate: CorrelateCapability<Settings> = {
  async correlate(alert, context) {
    const broker = await brokerOf(context);
    if (!broker) return;
    const { topicPrefix } = broker.settings;
    const { alarmSeverity } = context.settings;
    const rank = severities.indexOf((alert.severity ?? "info") as never);
    const isHigh = rank >= severities.indexOf("high");
    await count(broker, context, (counts) => ({
      ...{ ...counts, alerts: counts.alerts + 1, highAlerts: counts.highAlerts + (isHigh ? 1 : 0) },
    }));
    const told = alertMessage(alert);
    if (!(await message(broker, "alerts", told, context))) return;
    await broker.publish(`${topicPrefix}/last_alert`, JSON.stringify(told), true);
    await broker.publish(
      `${topicPrefix}/alert_event`,
      JSON.stringify({ event_type: told.severity, ...told }),
      false,
    );
    if (rank >= severities.indexOf(alarmSeverity)) await broker.publish(`${topicPrefix}/alarm`, "ON", false);
  },
};

/** Brings what the broker keeps up to date: adds, changes and removes. */
export const periodic: PeriodicCapability<Settings> = {
  every: 5,
  async tick(context) {
    const broker = await brokerOf(context);
    if (!broker) return;
    await broker.connect();
    const memory = memoryOf(broker);
    const { settings, state, clock } = context;
    memory.published ??= await readPublished(state);
    memory.counts ??= (await state.get<Counts>("counts")) ?? noCounts;
    // A broker that was away may have lost what it kept: all is said again.
    const isNew = memory.connections !== broker.connections;
    const places = broker.settings;
    const due =
      memory.assetsDue ||
      isNew ||
      (settings.publish === "interval" && clock.now() - memory.lookedAt >= settings.publishInterval * 1_000);
    const wanted = new Map<string, string>();
    const add = ({ topic, payload }: Kept): void => void wanted.set(topic, payload);
    for (const each of ownEntities(places, memory.counts, settings.alarmSeconds)) add(each);
    const ownTopics = new Set(wanted.keys());
    if (settings.assets && due) {
      memory.assetsDue = false;
      memory.lookedAt = clock.now();
      memory.left = 0;
      for (const asset of await context.assets.list()) {
        const entities = assetEntities(places, asset, true);
        if (wanted.size + entities.length <= mostTopics) for (const each of entities) add(each);
        else memory.left++;
      }
    }
    try {
      for (const [topic, payload] of wanted) {
        const hash = hashOf(payload);
        if (!isNew && memory.published.get(topic) === hash) continue;
        await broker.publish(topic, payload, true);
        memory.published.set(topic, hash);
      }
      if (due || !settings.assets)
        for (const topic of [...memory.published.keys()]) {
          if (wanted.has(topic) || ownTopics.has(topic)) continue;
          await broker.publish(topic, "", true);
          memory.published.delete(topic);
        }
      memory.connections = broker.connections;
    } catch (error) {
      memory.assetsDue ||= due;
      throw error;
    } finally {
      if (memory.counts !== memory.savedCounts) await state.set("counts", memory.counts);
      memory.savedCounts = memory.counts;
      await writePublished(state, memory.published);
    }
    if (memory.withheld > 0) {
      context.log.warn(
        { messages: memory.withheld },
        "Messages to Home Assistant were only counted: too many.",
      );
      memory.withheld = 0;
    }
  },
};

/** Whether the broker takes us, and how much it keeps. */
export async function health(context: Context): Promise<Health> {
  const broker = await brokerOf(context);
  if (!broker) return { status: "warning", message: "No broker is chosen." };
  await broker.connect();
  const { published, left } = memoryOf(broker);
  const message = `Connected; ${published?.size ?? 0} topics are kept.`;
  if (left === 0) return { status: "healthy", message };
  return { status: "warning", message: `${message} ${left} assets are too many and are not shown.` };
}

async function count(broker: Broker, { state }: Context, change: (counts: Counts) => Counts): Promise<void> {
  const memory = memoryOf(broker);
  memory.counts ??= (await state.get<Counts>("counts")) ?? noCounts;
  memory.counts = change(memory.counts);
}

/** Publishes a message for automations. False where there are too many in this minute. */
async function message(broker: Broker, topic: string, told: object, context: Context): Promise<boolean> {
  const memory = memoryOf(broker);
  const minute = Math.floor(context.clock.now() / minuteMs);
  if (minute !== memory.minute) Object.assign(memory, { minute, sent: 0 });
  if (memory.sent >= context.settings.messagesPerMinute) {
    memory.withheld++;
    return false;
  }
  memory.sent++;
  if (context.settings.messages)
    await broker.publish(`${broker.settings.topicPrefix}/${topic}`, JSON.stringify(told), false);
  return true;
}

const word = (value: unknown): string => plainValue(value ?? "", 255);

function eventMessage(event: Event) {
  const { id, eventType, severity, action, actionResult, origin, target, dataSource, assetId } = event;
  return {
    ...{ id: word(id), at: word(event["@timestamp"]), type: word(eventType), severity: word(severity) },
    ...{ action: word(action), result: word(actionResult), ip: word(origin?.ip), host: word(target?.host) },
    ...{ country: word(origin?.geolocation?.countryCode), source: word(dataSource), asset: word(assetId) },
  };
}

function alertMessage({ id, name, severity, description, adversary, target, dataSource, ...alert }: Alert) {
  return {
    ...{ id: word(id), at: word(alert["@timestamp"]), name: word(name), severity: word(severity || "info") },
    ...{ ip: word(adversary?.ip), host: word(target?.host), source: word(dataSource) },
    description: plainValue(description ?? "", 1_000),
  };
}

const hashOf = (payload: string): string =>
  createHash("sha256").update(payload).digest("base64url").slice(0, 12);

async function readPublished(state: Context["state"]): Promise<Map<string, string>> {
  const parts = Array.from({ length: Math.ceil(mostTopics / topicsInPart) + 1 }, (_, part) => part);
  const read = await Promise.all(parts.map((part) => state.get<Published>(`published:${part}`)));
  return new Map(read.flatMap((each) => Object.entries(each ?? {})));
}

const written = new WeakMap<Map<string, string>, string>();

/** In parts, because a value of the state is bounded; only where it changed. */
async function writePublished(state: Context["state"], published: Map<string, string>): Promise<void> {
  const entries = [...published];
  const now = hashOf(JSON.stringify(entries));
  if (written.get(published) === now) return;
  for (let part = 0; part <= Math.ceil(mostTopics / topicsInPart); part++) {
    const own = entries.slice(part * topicsInPart, (part + 1) * topicsInPart);
    await state.set(`published:${part}`, Object.fromEntries(own));
  }
  written.set(published, now);
}
