import { hash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { AlertSchema } from "@vedette/proto/plugins";
import { type Alert, defaultTenant, type Event, messageOf } from "@vedette/sdk";
import { alertOf, encodeEvent } from "./event.ts";
import { methods } from "./kinds.ts";
import { type PluginClient, PluginError } from "./plugin-client.ts";

/** Most alerts that one plugin may raise for one event. */
const maxAlerts = 100;
const severities = ["info", "low", "medium", "high"] as const;

export interface AnalysisDeps {
  /** Analysis plugins in their order. */
  readonly clients: readonly PluginClient[];
  readonly inFlight: number;
  readonly now: () => number;
  /** Told of an event that a plugin did not look at. */
  readonly missed: (event: Event, why: string) => void;
}

/** Shows events to analysis plugins. */
export class AnalysisCalls {
  readonly #deps: AnalysisDeps;

  constructor(deps: AnalysisDeps) {
    this.#deps = deps;
  }

  /**
   * The alerts that plugins raise for some events, in the order of events, then of plugins. Their ids are made of event and
   * plugin, so that the same events again give the same ids. Never rejects.
   */
  async analyze(count: number, eventAt: (index: number) => Event): Promise<Alert[]> {
    const found = new Array<readonly Alert[]>(count);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        found[index] = await this.#one(eventAt(index));
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, this.#deps.inFlight) }, work));
    return found.flat();
  }

  async #one(event: Event): Promise<Alert[]> {
    const alerts: Alert[] = [];
    const bytes = encodeEvent(event);
    for (const client of this.#deps.clients) {
      try {
        alerts.push(...(await this.#ask(client, bytes, event)));
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        client.missed[error.isAway ? "away" : "failed"]++;
        this.#deps.missed(event, error.message);
      }
    }
    return alerts;
  }

  async #ask(client: PluginClient, bytes: Uint8Array, event: Event): Promise<Alert[]> {
    const alerts: Alert[] = [];
    let spoilt: PluginError | undefined;
    await client.stream(methods.analyze, bytes, (answer) => {
      try {
        const given = alertOf(fromBinary(AlertSchema, answer));
        alerts.push(completed(given, client.name, event, alerts.length, this.#deps.now()));
      } catch (error) {
        spoilt ??= client.spoilt(messageOf(error));
      }
      if (alerts.length >= maxAlerts)
        spoilt ??= client.spoilt(`It has more than ${maxAlerts} alerts for one event.`);
      return spoilt === undefined;
    });
    // What is right of an answer that is spoilt later is kept.
    if (spoilt) this.#deps.missed(event, spoilt.message);
    return alerts;
  }
}

/** Fills what a plugin left open, and what is not its to say. */
function completed(given: Alert, plugin: string, event: Event, index: number, now: number): Alert {
  const time = new Date(now).toISOString();
  const { confidentiality = 0, integrity = 0, availability = 0 } = given.impact ?? {};
  const impactScore = given.impactScore ?? Math.min(3, Math.max(confidentiality, integrity, availability));
  const id = hash("sha256", JSON.stringify(["plugin", plugin, event.id ?? "", index])).slice(0, 32);
  const filled: Alert = {
    ...given,
    id,
    "@timestamp": validTime(given["@timestamp"]) ?? time,
    lastUpdate: validTime(given.lastUpdate) ?? time,
    name: given.name ?? `Finding of ${plugin}`,
    ruleId: `plugin:${plugin}`,
    tenantId: event.tenantId ?? defaultTenant.id,
    severity: given.severity ?? severities[impactScore] ?? "info",
    status: "open",
    events: given.events ?? [event],
    lastEvent: given.lastEvent ?? given.events?.at(-1) ?? event,
  };
  const tenantName = event.tenantName ?? (event.tenantId ? undefined : defaultTenant.name);
  if (tenantName !== undefined) filled.tenantName = tenantName;
  const dataSource = given.dataSource ?? event.dataSource;
  if (dataSource !== undefined) filled.dataSource = dataSource;
  const dataType = given.dataType ?? event.dataType;
  if (dataType !== undefined) filled.dataType = dataType;
  if (impactScore > 0) filled.impactScore = impactScore;
  return filled;
}

const validTime = (text: string | undefined): string | undefined => {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
};
