import { type Alert, type Event, type Severity, severities } from "@vedette/sdk";

/** What a rule looks at, whatever it is. */
export interface Subject {
  readonly about: "alert" | "event" | "incident";
  readonly id: string;
  /** When it came to be, milliseconds since 1970. */
  readonly at: number;
  readonly type: string;
  readonly name: string;
  readonly rule: string;
  readonly dataType: string;
  readonly severity: Severity;
  readonly countries: readonly string[];
  readonly assets: readonly string[];
  /** A value by its path, or by one of the short names: name, severity, source, country, target, user, host, type, rule, at. */
  value(path: string): unknown;
}

interface Side {
  readonly ip?: string | undefined;
  readonly host?: string | undefined;
  readonly user?: string | undefined;
  readonly geolocation?: { readonly countryCode?: string | undefined } | undefined;
}

interface Facts {
  readonly source: Side | undefined;
  readonly target: Side | undefined;
  readonly dataSource: string | undefined;
  readonly assetId: string | undefined;
}

export function alertSubject(alert: Alert): Subject {
  const { id = "", name = "", ruleId = "", dataType = "", lastEvent } = alert;
  const facts: Facts = {
    ...{ source: alert.adversary, target: alert.target, dataSource: alert.dataSource },
    assetId: lastEvent?.assetId,
  };
  const own = {
    ...{ about: "alert" as const, id, name, rule: ruleId, dataType, type: lastEvent?.eventType ?? "" },
    ...{ at: timeOf(alert["@timestamp"]), severity: severityOf(alert.severity) },
  };
  return subjectOf(own, facts, alert);
}

export function eventSubject(event: Event): Subject {
  const { id = "", eventType = "", dataType = "" } = event;
  const facts: Facts = {
    ...{ source: event.origin, target: event.target, dataSource: event.dataSource, assetId: event.assetId },
  };
  const own = {
    ...{ about: "event" as const, id, name: eventType, rule: "", dataType, type: eventType },
    ...{ at: timeOf(event["@timestamp"]), severity: severityOf(event.severity) },
  };
  return subjectOf(own, facts, event);
}

type Own = Pick<Subject, "about" | "id" | "at" | "type" | "name" | "rule" | "dataType" | "severity">;

function subjectOf(own: Own, { source, target, dataSource, assetId }: Facts, document: object): Subject {
  const short: Readonly<Record<string, unknown>> = {
    ...{ name: own.name, severity: own.severity, type: own.type, rule: own.rule },
    ...{ source: source?.ip ?? source?.host, target: target?.host ?? target?.ip, host: dataSource },
    ...{ user: target?.user ?? source?.user, country: source?.geolocation?.countryCode },
    at: own.at === 0 ? undefined : new Date(own.at).toISOString(),
  };
  const present = (values: readonly (string | undefined)[]): string[] => [
    ...new Set(values.filter((value): value is string => value !== undefined && value !== "")),
  ];
  return {
    ...own,
    countries: present([source?.geolocation?.countryCode]),
    assets: present([dataSource, assetId, target?.host]),
    value: (path) => (Object.hasOwn(short, path) ? short[path] : valueAt(document, path)),
  };
}

function valueAt(document: object, path: string): unknown {
  let node: unknown = document;
  for (const step of path.split(".")) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, step)) return undefined;
    node = (node as Record<string, unknown>)[step];
  }
  return typeof node === "object" ? JSON.stringify(node) : node;
}

const timeOf = (text: string | undefined): number => {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? 0 : ms;
};

export const severityOf = (text: string | undefined): Severity =>
  severities.find((severity) => severity === text) ?? "info";

/** 0 for info, up to 4 for critical. */
export const rankOf = (severity: Severity): number => severities.indexOf(severity);
