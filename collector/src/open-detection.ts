import type { Kafka } from "@vedette/core/kafka";
import type { Telemetry } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import type { AlertKeeper } from "./alerting/index.ts";
import { insist } from "./bounded/index.ts";
import type { CollectorConfig } from "./config/index.ts";
import { createDetector, type Detector, type Rule } from "./detect/index.ts";
import type { Detection } from "./detection.ts";
import { Ledger } from "./ingest/index.ts";
import { ScaledDetection } from "./matches/index.ts";
import { ReloadableDetection } from "./reloadable-detection.ts";
import { restoreDetector, restoreState } from "./restore.ts";
import type { Store } from "./store/index.ts";
import { windowLimits } from "./window-limits.ts";

interface OpenDeps extends Deps {
  readonly store: Store;
  readonly rules: readonly Rule[];
  /** Takes the alerts that shared detection raises; those of a batch are given to who asks for them. */
  readonly alerting: AlertKeeper;
  readonly telemetry: Telemetry;
  /** Where Kafka lies between collectors. */
  readonly openKafka: (() => Promise<Kafka>) | undefined;
}

/** What was open before a restart, as it was then. */
export interface Restored {
  readonly detection: Detection;
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

/** Opens detection as the configuration has it, and reads back what a restart forgot. Insists until the signal aborts. */
export async function openDetection(config: CollectorConfig, deps: OpenDeps): Promise<Restored> {
  const { store, rules, openKafka } = deps;
  const { detect, ingest } = config;
  const shared = openKafka !== undefined && ingest.kafka !== undefined && detect.shared;
  const windows = windowLimits(detect);
  const open = (given: readonly Rule[]): Detector =>
    createDetector({ rules: given, deps, limits: { windows } });
  // A store that fails half-way gives all anew.
  const attempt = async () => {
    const detector = shared ? undefined : open(rules);
    const ledger = new Ledger();
    await restoreState(store, detector, ledger, deps);
    return { detector, ledger };
  };
  const { detector, ledger } = await insist(attempt, deps.signal, (error, waitMs) =>
    deps.log.warn({ error, waitMs }, "State could not be read back, will retry."),
  );
  if (detector) {
    const restore = (next: Detector, since?: number) => restoreDetector(store, next, deps, since);
    const detection = new ReloadableDetection(detector, { open, restore, now: deps.clock.now });
    return { detection, ledger, stop: async () => undefined };
  }
  const { member, sessionSeconds, createTopics } = ingest.kafka!;
  const { topic, group } = detect;
  const options = {
    topic,
    group,
    member,
    sessionTimeoutMs: sessionSeconds * 1_000,
    create: createTopics,
    windows,
  };
  const detection = new ScaledDetection(options, { ...deps, open: openKafka! });
  return { detection, ledger, stop: () => detection.stop() };
}
