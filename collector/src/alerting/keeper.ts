import type { Telemetry } from "@vedette/core/telemetry";
import type { Alert, Clock } from "@vedette/sdk";
import { alertRow } from "../records/index.ts";
import type { Store } from "../store/index.ts";
import { dress } from "./dress.ts";
import type { Releases } from "./releases.ts";
import type { Screen } from "./screen.ts";

/** Where alerts go once they are raised, whoever raised them. */
export interface AlertKeeper {
  /**
   * Puts them through the pipeline and returns when they are on disk, with those that people are to be told of. A repeat
   * with the same token is dropped by the store.
   */
  keep(alerts: readonly Alert[], token: string, signal?: AbortSignal): Promise<readonly Alert[]>;
}

interface Deps {
  readonly store: Pick<Store, "insertRows">;
  readonly screen: Screen;
  readonly releases: Releases;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told when there is something new to be grouped. */
  readonly onStored: () => void;
}

/** dress → inhibit → silence → fold repeats → store. */
export function alertKeeper({ store, screen, releases, clock, telemetry, onStored }: Deps): AlertKeeper {
  const total = telemetry.counter(
    "vedette_alerts_total",
    "Alerts by what became of them: shown, or hidden by what; repeats of hidden ones are not stored.",
    ["outcome"],
  );
  return {
    async keep(alerts, token, signal) {
      if (alerts.length === 0) return alerts;
      const now = clock.now();
      const { alerts: kept, repeats } = screen.screen(alerts.map(dress), now);
      const rows = kept.map((alert) => alertRow(alert, now));
      await store.insertRows("alerts", rows, token, signal);
      const shown = kept.filter(({ hidden }) => hidden === undefined);
      for (const { hidden } of kept) total.add(1, { outcome: hidden ?? "shown" });
      for (const alert of repeats) total.add(1, { outcome: `${alert.hidden}_repeat` });
      for (const alert of [...kept, ...repeats]) if (alert.hidden !== undefined) releases.hidden(alert, now);
      if (shown.length > 0) onStored();
      return shown;
    },
  };
}
