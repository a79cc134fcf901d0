import type { DefaultView, PageCapability, Widget } from "@vedette/sdk";

const requests = "dataType:traefik eventType:access.*";
const day = { range: "24h" } as const;
/** Traefik gives durations in nanoseconds. */
const slow = "dataType:traefik log.Duration:>=1000000000";

/** What Traefik's own page shows. */
export const widgets = [
  { id: "requests", kind: "trend", query: requests, ...day },
  { id: "denied", kind: "counter", query: "dataType:traefik eventType:access.denied", ...day },
  { id: "failed", kind: "counter", query: "dataType:traefik statusCode:>=500", ...day },
  { id: "hosts", kind: "top", query: requests, field: "target.host", limit: 10, ...day },
  { id: "statuses", kind: "top", query: requests, field: "statusCode", limit: 12, ...day },
  { id: "services", kind: "top", query: requests, field: "log.ServiceName", limit: 10, ...day },
  {
    ...{ id: "failing-services", kind: "top", query: "dataType:traefik statusCode:>=500", ...day },
    ...{ field: "log.ServiceName", limit: 10 },
  },
  { id: "clients", kind: "top", query: requests, field: "origin.ip", limit: 10, ...day },
  { id: "countries", kind: "top", query: requests, field: "origin.geolocation.country", limit: 10, ...day },
  {
    ...{ id: "not-found", kind: "top", query: "dataType:traefik statusCode:404", ...day },
    ...{ field: "target.path", limit: 10 },
  },
  { id: "slow-services", kind: "top", query: slow, field: "log.ServiceName", limit: 10, ...day },
  { id: "slow", kind: "feed", query: slow, limit: 10, ...day },
] as const satisfies readonly Widget[];

export const page: PageCapability = { widgets: widgets.map(({ id }) => id) };

export const views: readonly DefaultView[] = [
  { id: "denied", query: "dataType:traefik eventType:access.denied" },
  { id: "failed", query: "dataType:traefik statusCode:>=500" },
  { id: "slow", query: slow },
  { id: "not-found", query: "dataType:traefik statusCode:404" },
];

export const texts = {
  en: {
    page: "Traefik",
    "widget.requests": "Requests",
    "widget.denied": "Denied in 24 hours",
    "widget.failed": "Server errors in 24 hours",
    "widget.hosts": "Hosts",
    "widget.statuses": "Status codes",
    "widget.services": "Services",
    "widget.failing-services": "Services with errors",
    "widget.clients": "Addresses",
    "widget.countries": "Countries",
    "widget.not-found": "Paths that are not there",
    "widget.slow-services": "Slow services (1 s and more)",
    "widget.slow": "Slow requests (1 s and more)",
    "view.denied": "Traefik: denied",
    "view.failed": "Traefik: server errors",
    "view.slow": "Traefik: slow requests",
    "view.not-found": "Traefik: not found",
  },
  de: {
    page: "Traefik",
    "widget.requests": "Anfragen",
    "widget.denied": "Abgewiesen in 24 Stunden",
    "widget.failed": "Serverfehler in 24 Stunden",
    "widget.hosts": "Hosts",
    "widget.statuses": "Statuscodes",
    "widget.services": "Dienste",
    "widget.failing-services": "Dienste mit Fehlern",
    "widget.clients": "Adressen",
    "widget.countries": "Länder",
    "widget.not-found": "Pfade, die es nicht gibt",
    "widget.slow-services": "Langsame Dienste (ab 1 s)",
    "widget.slow": "Langsame Anfragen (ab 1 s)",
    "view.denied": "Traefik: abgewiesen",
    "view.failed": "Traefik: Serverfehler",
    "view.slow": "Traefik: langsame Anfragen",
    "view.not-found": "Traefik: nicht gefunden",
  },
};
