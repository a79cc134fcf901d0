import { randomUUID } from "node:crypto";
import { rateLimited } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import type { AlertKeeper } from "./alerting/index.ts";
import { insist } from "./bounded/index.ts";
import type { Detection } from "./detection.ts";

/** How often it is asked whether something did not come in time. */
const everyMs = 500;

/**
 * Stores the alerts that time raises: nothing comes for which they could be told. Keeping them is insisted on. Gives what
 * ends it, after what is under way.
 */
export function raiseDue(
  detection: Detection,
  keeper: AlertKeeper,
  { log, clock, signal }: Deps,
): () => Promise<void> {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const warn = rateLimited((fields, message) => log.warn(fields, message), 5_000, clock.now);
  let under: Promise<void> = Promise.resolve();
  let busy = false;
  const look = async (): Promise<void> => {
    const alerts = detection.due?.() ?? [];
    if (alerts.length === 0) return;
    const token = `${randomUUID()}:due`;
    await insist(
      () => keeper.keep(alerts, token, until),
      until,
      (error, waitMs) => warn({ error, waitMs }, "Alerts could not be stored, will retry."),
    );
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    under = look()
      .catch((error: unknown) => {
        if (!until.aborted) warn({ error }, "What has become due could not be told of.");
      })
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    ending.abort();
    await under;
  };
}
