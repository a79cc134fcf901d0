/** What the parts of Vedette spend, as measured. CPU in microseconds, sizes in bytes. */
export interface Figures {
  /** Where and when it was measured. */
  readonly measured: string;
  readonly content: Readonly<Record<Content, ContentFigures>>;
  /** What sealing, spooling and sending one batch costs the agent beside its events. */
  readonly agentBatch: number;
  /** Cores that an agent takes for files that are written to all the time, whatever the number of events. */
  readonly agentAlive: number;
  readonly agentIdleMiB: number;
  readonly agentLoadMiB: number;
  /** A collector: receiving, decoding, enriching, rules, encoding; receipts and notes. */
  readonly collectorBatch: number;
  readonly collectorEvent: number;
  readonly collectorMiB: number;
  /** ClickHouse: an insert and an event, merges and the notes of batches included. */
  readonly storeInsert: number;
  readonly storeEvent: number;
  /** A broker: taking a batch from a client or another broker, and giving it away, each. */
  readonly brokerBatch: number;
  readonly brokerByte: number;
  /** Bytes of a batch on the wire beside its events. */
  readonly wireBatch: number;
}

export const contents = ["raw", "nginx", "sshd", "json"] as const;
export type Content = (typeof contents)[number];

interface ContentFigures {
  /** Bytes of a line as it is written by its program. */
  readonly lineBytes: number;
  /** Reading and parsing an event, its share of the seal included. */
  readonly agentEvent: number;
  /** Bytes of an event in a large batch, compressed. */
  readonly wireEvent: number;
  /** Bytes of an event in ClickHouse, columns and indexes. */
  readonly storedEvent: number;
}

/**
 * Measured with `benchmarks/pipeline/batch-cost.ts` and `benchmarks/peers/compare.ts` (results of 2026-11-26); sizes of
 * stored events, and what is not nginx, are estimates. Another machine is taken into account by `speed`.
 */
export const figures: Figures = {
  measured: "2 cores of an AMD EPYC (virtual machine), Node 24.21.0, 2026-11-26",
  content: {
    raw: { lineBytes: 189, agentEvent: 2, wireEvent: 40, storedEvent: 90 },
    nginx: { lineBytes: 189, agentEvent: 9, wireEvent: 53, storedEvent: 130 },
    sshd: { lineBytes: 106, agentEvent: 8, wireEvent: 40, storedEvent: 100 },
    json: { lineBytes: 1_023, agentEvent: 20, wireEvent: 110, storedEvent: 300 },
  },
  agentBatch: 2_350,
  agentAlive: 0.025,
  agentIdleMiB: 99,
  agentLoadMiB: 167,
  collectorBatch: 9_200,
  collectorEvent: 13,
  collectorMiB: 470,
  storeInsert: 133_000,
  storeEvent: 23,
  brokerBatch: 150,
  brokerByte: 0.002,
  wireBatch: 1_950,
};
