import type { Redactor, Telemetry } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import { catchUp, changedIncidents, incidentSubject, Notifier } from "./respond/index.ts";
import type { Store } from "./store/index.ts";

type NotifierDeps = ConstructorParameters<typeof Notifier>[1];

/** The notifications of a collector, not started yet, and their metrics. */
export function openNotifications(
  { notifications }: CollectorConfig,
  {
    redactor,
    telemetry,
    store,
    ...deps
  }: Omit<NotifierDeps, "redact" | "count" | "incidents"> & {
    readonly redactor: Redactor;
    readonly telemetry: Telemetry;
    /** Is asked only once they were started. */
    readonly store: Pick<Store, "query">;
  },
): Notifier {
  const counter = telemetry.counter("vedette_notifications_total", "What became of notifications, by kind.", [
    "what",
  ]);
  const count = (what: string, by: number): void => counter.add(by, { what });
  return new Notifier(notifications, {
    ...{ ...deps, redact: redactor.text, count },
    incidents: async () => (await changedIncidents(store, deps.clock)).map(incidentSubject),
  });
}

/** Starts them with what was stored shortly before. A store that cannot say so now does not keep a collector from starting. */
export async function startNotifications(
  notifier: Notifier,
  store: Store,
  { log, clock }: Deps,
): Promise<void> {
  await notifier.start();
  if (notifier.rules.rules.length === 0) return;
  await catchUp(store, clock, (alerts) => notifier.alerted(alerts)).catch((error: unknown) =>
    log.warn({ error }, "Alerts from shortly before the start could not be looked at again."),
  );
}
