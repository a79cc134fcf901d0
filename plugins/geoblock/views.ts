import type { DefaultView, PageCapability, Widget } from "@vedette/sdk";

const refused = "dataType:geoblock eventType:security.geoblock";
const day = { range: "24h" } as const;

/** What GeoBlock's own page shows. */
export const widgets = [
  { id: "refused", kind: "counter", query: refused, ...day },
  { id: "allowed", kind: "counter", query: "dataType:geoblock eventType:access.allowed", ...day },
  { id: "trend", kind: "trend", query: refused, range: "7d" },
  {
    id: "countries",
    kind: "top",
    query: refused,
    field: "origin.geolocation.countryCode",
    limit: 15,
    ...day,
  },
  { id: "networks", kind: "top", query: refused, field: "origin.geolocation.aso", limit: 10, ...day },
  { id: "clients", kind: "top", query: refused, field: "origin.ip", limit: 10, ...day },
  { id: "latest", kind: "feed", query: refused, limit: 10, ...day },
] as const satisfies readonly Widget[];

export const page: PageCapability = { widgets: widgets.map(({ id }) => id) };

export const views: readonly DefaultView[] = [{ id: "refused", query: refused }];

export const texts = {
  en: {
    page: "GeoBlock",
    "widget.refused": "Refused in 24 hours",
    "widget.allowed": "Let through in 24 hours",
    "widget.trend": "Refused by day",
    "widget.countries": "Refused countries",
    "widget.networks": "Refused networks",
    "widget.clients": "Refused addresses",
    "widget.latest": "Refused last",
    "view.refused": "GeoBlock: refused",
  },
  de: {
    page: "GeoBlock",
    "widget.refused": "Abgewiesen in 24 Stunden",
    "widget.allowed": "Durchgelassen in 24 Stunden",
    "widget.trend": "Abgewiesen je Tag",
    "widget.countries": "Abgewiesene Länder",
    "widget.networks": "Abgewiesene Netze",
    "widget.clients": "Abgewiesene Adressen",
    "widget.latest": "Zuletzt abgewiesen",
    "view.refused": "GeoBlock: abgewiesen",
  },
};
