import { hash, randomUUID } from "node:crypto";
import { type BatchHeader, encodeNative } from "@vedette/core/batch";
import { type Clock, isVedetteError } from "@vedette/sdk";
import type { TailBus } from "./api/index.ts";
import { GroupCommit } from "./bounded/index.ts";
import type { Detection } from "./detection.ts";
import type { EnrichStage } from "./enrich/index.ts";
import type { IntakeSink } from "./ingest/index.ts";
import { alertRow, batchRow, deadLetterRow } from "./records/index.ts";
import type { Store } from "./store/index.ts";

interface SinkDeps {
  readonly enrich: EnrichStage;
  readonly detection: Detection;
  readonly store: Store;
  readonly tail: TailBus;
  readonly clock: Clock;
  /** Aborts when the collector ends. */
  readonly signal: AbortSignal;
}

const notesPerWrite = 1_000;

/**
 * The collector's work on one batch, in the order that makes a crash between any two steps harmless: events first
 * (repeats fall to the deduplication token), then what other collectors must know, then alerts (their ids are deterministic), then the note that the
 * batch is stored. Without that note the agent's repeat runs all of it again, with the same result.
 */
export function createSink({ enrich, detection, store, tail, clock, signal: ending }: SinkDeps): IntakeSink {
  // Many small batches at a time share one write of their notes: each costs as much as the note of one.
  const notes = new GroupCommit<BatchHeader>((headers) => {
    const rows = headers.map((header) => batchRow(header, clock.now(), 1));
    const token = hash("sha256", headers.map(({ batchId }) => batchId).join("\n"));
    return store.insertRows("batches", rows, `${token}:stored`, ending);
  }, notesPerWrite);
  return {
    async store(batch, signal) {
      const { header } = batch;
      const enriched = enrich.enrich(batch);
      await store.insertEvents(encodeNative(enriched), header.batchId, signal);
      // A retry runs this again; detection gives the same alerts for the same batch and counts nothing twice.
      const alerts = await detection.process(enriched, signal);
      await store.insertRows("alerts", alerts.map(alertRow), `${header.batchId}:alerts`, signal);
      await notes.add(header);
      tail.publish(enriched);
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
