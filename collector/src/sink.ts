import { hash, randomUUID } from "node:crypto";
import { type Batch, type BatchHeader, encodeNative, freeBytes } from "@vedette/core/batch";
import { type Alert, type Clock, isVedetteError } from "@vedette/sdk";
import type { Alerting } from "./alerting/index.ts";
import type { TailBus } from "./api/index.ts";
import { GroupCommit } from "./bounded/index.ts";
import type { Detection } from "./detection.ts";
import type { EnrichStage } from "./enrich/index.ts";
import type { IntakeSink } from "./ingest/index.ts";
import { batchRow, deadLetterRow } from "./records/index.ts";
import type { SocketPlugins } from "./socket-plugins.ts";
import type { Store } from "./store/index.ts";

interface SinkDeps {
  readonly enrich: EnrichStage;
  readonly detection: Detection;
  readonly alerting: Pick<Alerting, "keep" | "hear">;
  readonly store: Store;
  readonly tail: TailBus;
  /** Makes the jobs that events and alerts start; they are on disk before the batch counts as stored. */
  readonly respond: {
    stored(batches: readonly Batch[]): Promise<void>;
    alerted(alerts: readonly Alert[]): Promise<void>;
  };
  /** Who is shown what was stored; neither throws nor waits. */
  readonly plugins: {
    stored(batches: readonly Batch[]): void;
    alerted(alerts: readonly Alert[]): void;
  };
  readonly clock: Clock;
  /** Plugins over sockets, where some are run. */
  readonly sockets: SocketPlugins | undefined;
  /** Aborts when the collector ends. */
  readonly signal: AbortSignal;
}

const groupsPerWrite = 16;

/**
 * The collector's work on batches that go together, in the order that makes a crash between any two steps harmless: events
 * (repeats fall to the deduplication token) and, beside them, what other collectors must know and alerts (their ids are
 * deterministic); when all of these are on disk, what they start, then the note that the batches are stored. Without that note
 * the repeat runs all of it again, with the same result: tokens are made of the batches' ids.
 */
export function createSink(deps: SinkDeps): IntakeSink {
  const { enrich, detection, alerting, store, tail, respond, plugins, sockets, clock, signal: ending } = deps;
  // Groups that are ready at the same time share one write of their notes; those of one group are never apart.
  const notes = new GroupCommit<readonly BatchHeader[]>((groups) => {
    const headers = groups.flat();
    const rows = headers.map((header) => batchRow(header, clock.now(), 1));
    return store.insertRows("batches", rows, `${tokenOf(headers)}:stored`, ending);
  }, groupsPerWrite);
  return {
    async store(batches, signal) {
      const headers = batches.map(({ header }) => header);
      const token = tokenOf(headers);
      const enriched = batches.map((batch) => enrich.enrich(batch));
      const native = enriched.map(encodeNative);
      const inserting = store.insertEvents(native.flat(), token, signal);
      const raise = async (): Promise<readonly Alert[]> => {
        // A retry runs this again; detection gives the same alerts for the same batch and counts nothing twice.
        const found = await Promise.all(
          enriched.map(async (batch) => await detection.process(batch, signal, inserting)),
        );
        if (sockets) found.push(...(await Promise.all(enriched.map((batch) => sockets.analyze(batch)))));
        return alerting.keep(found.flat(), `${token}:alerts`, signal);
      };
      const [stored, raised] = await Promise.allSettled([inserting, raise()]);
      // What the store says of the events decides about the batches, whatever else went wrong.
      if (stored.status === "rejected") throw stored.reason;
      // The store has them; after a failure a connection may still be sending them.
      for (const [own] of native) if (own) freeBytes(own);
      if (raised.status === "rejected") throw raised.reason;
      const shown = raised.value;
      await respond.stored(enriched);
      await respond.alerted(shown);
      await notes.add(headers);
      for (const { batchId } of headers) detection.stored?.(batchId);
      plugins.stored(enriched);
      plugins.alerted(shown);
      sockets?.stored(enriched, shown);
      alerting.hear(enriched);
      for (const batch of enriched) tail.publish(batch);
    },
    async repeated(header, signal) {
      await store.insertRows("batches", [batchRow(header, clock.now(), 2)], randomUUID(), signal);
    },
    async deadLetter(dead, signal) {
      const row = deadLetterRow(dead, clock.now());
      // A record that is read again after a crash is the same letter.
      const token =
        dead.place === undefined
          ? randomUUID()
          : hash("sha256", Buffer.concat([Buffer.from(`${dead.place}\n`), dead.frame]));
      try {
        await store.insertRows("dead_letters", [row], token, signal);
      } catch (error) {
        if (!isVedetteError(error) || error.verdict.verdict === "retry") throw error;
        // Better the reason alone than a batch that comes again for ever.
        const reason = `${dead.reason} The batch itself could not be kept: ${error.message}`;
        await store.insertRows("dead_letters", [{ ...row, reason, body: "" }], `${token}:reason`, signal);
      }
    },
  };
}

/** Names batches that are stored together: the id of a single one, else a hash of all ids in their order. */
function tokenOf(headers: readonly BatchHeader[]): string {
  const [first, second] = headers;
  if (first && !second) return first.batchId;
  return hash("sha256", headers.map(({ batchId }) => batchId).join("\n"));
}
