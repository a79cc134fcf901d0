import { createHash } from "node:crypto";
import type { Asset, AssetApp } from "@vedette/sdk";

/** What the broker is to keep at a topic. */
export interface Kept {
  readonly topic: string;
  readonly payload: string;
}

/** Counters since the plugin was first switched on, and the last alert. */
export interface Counts {
  readonly securityEvents: number;
  readonly bans: number;
  readonly geoblocks: number;
  readonly alerts: number;
  readonly highAlerts: number;
  readonly actions: number;
  readonly failedActions: number;
}

export const noCounts: Counts = {
  ...{ securityEvents: 0, bans: 0, geoblocks: 0, alerts: 0, highAlerts: 0, actions: 0, failedActions: 0 },
};

/** Where things are published. */
export interface Places {
  readonly discoveryPrefix: string;
  readonly topicPrefix: string;
}

/** Longest state that Home Assistant takes. */
const longestState = 255;
const longestName = 120;

const counters: readonly (readonly [key: keyof Counts, name: string, icon: string])[] = [
  ["securityEvents", "Security events", "mdi:shield-alert-outline"],
  ["bans", "Bans", "mdi:gavel"],
  ["geoblocks", "Requests refused by country", "mdi:earth-off"],
  ["alerts", "Alerts", "mdi:bell-alert-outline"],
  ["highAlerts", "High alerts", "mdi:bell-alert"],
  ["actions", "Actions", "mdi:shield-check-outline"],
  ["failedActions", "Failed actions", "mdi:shield-off-outline"],
];

/**
 * Name of an entity in topics and identifiers: readable, and told apart by a hash where two names read alike. Made of letters,
 * digits, _ and -, as Home Assistant demands.
 */
export function slugOf(...parts: readonly string[]): string {
  const readable = parts
    .join("_")
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, 40);
  const hash = createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 10);
  return readable === "" ? hash : `${readable}_${hash}`;
}

const short = (text: string, most: number): string => [...text].slice(0, most).join("");

/** Alerts, counters and their state, which are always there. */
export function ownEntities(places: Places, counts: Counts, alarmSeconds: number): Kept[] {
  const { topicPrefix } = places;
  const device = {
    identifiers: [nodeOf(places)],
    name: "Vedette",
    manufacturer: "Vedette",
    model: "Collector",
  };
  const config = (component: string, id: string, more: object): Kept =>
    discovery(places, component, id, { ...more, device });
  return [
    ...counters.map(([key, name, icon]) =>
      config("sensor", slugOf(key), {
        ...{ name, icon, state_class: "total_increasing", state_topic: `${topicPrefix}/counts` },
        value_template: `{{ value_json.${key} }}`,
      }),
    ),
    config("sensor", "last_alert", {
      ...{ name: "Last alert", icon: "mdi:bell-ring-outline", state_topic: `${topicPrefix}/last_alert` },
      ...{ value_template: "{{ value_json.name }}", json_attributes_topic: `${topicPrefix}/last_alert` },
    }),
    config("binary_sensor", "alarm", {
      ...{ name: "Alarm", device_class: "safety", state_topic: `${topicPrefix}/alarm` },
      off_delay: alarmSeconds,
    }),
    config("event", "alert", {
      ...{ name: "Alert", icon: "mdi:bell-alert", state_topic: `${topicPrefix}/alert_event` },
      event_types: ["info", "low", "medium", "high", "critical"],
    }),
    { topic: `${topicPrefix}/counts`, payload: JSON.stringify(counts) },
  ];
}

/** An asset: whether it is there, and an update for each of its programs that has a version. */
export function assetEntities(places: Places, asset: Asset, active: boolean): Kept[] {
  const { topicPrefix } = places;
  const slug = slugOf(asset.name, asset.id);
  const device = {
    ...{ identifiers: [`${nodeOf(places)}_${slug}`], name: short(asset.name, longestName) },
    ...{ model: asset.kind, via_device: nodeOf(places) },
  };
  const reported = `${topicPrefix}/assets/${slug}/state`;
  return [
    discovery(places, "binary_sensor", `${slug}_reported`, {
      ...{ name: "Reported", device_class: "connectivity", entity_category: "diagnostic" },
      ...{ state_topic: reported, device },
    }),
    { topic: reported, payload: active ? "ON" : "OFF" },
    ...asset.apps
      .filter(({ active: there, version }) => there !== false && version !== undefined)
      .flatMap((app) => updateOf(places, asset, app, device)),
  ];
}

function updateOf(places: Places, asset: Asset, app: AssetApp, device: object): Kept[] {
  const slug = slugOf(asset.name, app.name, asset.id);
  const topic = `${places.topicPrefix}/apps/${slug}/state`;
  const installed = short(app.version ?? "", longestState);
  // Home Assistant compares texts: what is not known to be newer must read the same.
  const latest =
    app.updateAvailable === true ? short(app.latestVersion ?? installed, longestState) : installed;
  const state = {
    ...{ installed_version: installed, latest_version: latest, title: short(app.name, longestName) },
    ...(app.latestUrl === undefined ? {} : { release_url: app.latestUrl }),
  };
  return [
    discovery(places, "update", slug, {
      ...{ name: short(app.name, longestName), device_class: "firmware", state_topic: topic, device },
    }),
    { topic, payload: JSON.stringify(state) },
  ];
}

const nodeOf = ({ topicPrefix }: Places): string => topicPrefix.replaceAll("/", "_");

/** A configuration of MQTT discovery: `<prefix>/<component>/<node>/<object>/config`. */
function discovery(places: Places, component: string, id: string, more: object): Kept {
  const node = nodeOf(places);
  const payload = {
    ...more,
    unique_id: `${node}_${component}_${id}`,
    availability_topic: `${places.topicPrefix}/availability`,
    origin: { name: "Vedette" },
  };
  return {
    topic: `${places.discoveryPrefix}/${component}/${node}/${id}/config`,
    payload: JSON.stringify(payload),
  };
}
