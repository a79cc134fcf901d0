import type { DefaultView, PageCapability, Widget } from "@vedette/sdk";

const bans = "dataType:crowdsec eventType:security.ban";
const day = { range: "24h" } as const;

/** What CrowdSec's own page shows. */
export const widgets = [
  { id: "bans", kind: "counter", query: bans, ...day },
  { id: "alerts", kind: "counter", query: "dataType:crowdsec eventType:security.alert", ...day },
  { id: "trend", kind: "trend", query: bans, range: "7d" },
  { id: "scenarios", kind: "top", query: bans, field: "log.scenario", limit: 10, range: "7d" },
  { id: "origins", kind: "top", query: bans, field: "log.decisionOrigin", limit: 10, range: "7d" },
  {
    id: "countries",
    kind: "top",
    query: bans,
    field: "origin.geolocation.countryCode",
    limit: 10,
    range: "7d",
  },
  { id: "networks", kind: "top", query: bans, field: "origin.geolocation.aso", limit: 10, range: "7d" },
  { id: "repeated", kind: "top", query: bans, field: "origin.ip", limit: 10, range: "30d" },
  { id: "latest", kind: "feed", query: bans, limit: 10, range: "7d" },
] as const satisfies readonly Widget[];

export const page: PageCapability = { widgets: widgets.map(({ id }) => id) };

export const views: readonly DefaultView[] = [
  { id: "bans", query: bans },
  { id: "alerts", query: "dataType:crowdsec eventType:security.alert" },
];

export const texts = {
  en: {
    page: "CrowdSec",
    "widget.bans": "Bans in 24 hours",
    "widget.alerts": "Alerts in 24 hours",
    "widget.trend": "Bans by day",
    "widget.scenarios": "Scenarios",
    "widget.origins": "Who banned",
    "widget.countries": "Banned countries",
    "widget.networks": "Banned networks",
    "widget.repeated": "Banned most often in 30 days",
    "widget.latest": "Banned last",
    "view.bans": "CrowdSec: bans",
    "view.alerts": "CrowdSec: alerts",
  },
  de: {
    page: "CrowdSec",
    "widget.bans": "Sperren in 24 Stunden",
    "widget.alerts": "Alarme in 24 Stunden",
    "widget.trend": "Sperren je Tag",
    "widget.scenarios": "Szenarien",
    "widget.origins": "Wer gesperrt hat",
    "widget.countries": "Gesperrte Länder",
    "widget.networks": "Gesperrte Netze",
    "widget.repeated": "Am häufigsten gesperrt in 30 Tagen",
    "widget.latest": "Zuletzt gesperrt",
    "view.bans": "CrowdSec: Sperren",
    "view.alerts": "CrowdSec: Alarme",
  },
};
