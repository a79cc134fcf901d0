// Apart from the methods themselves: a client connects before it needs protobuf.

/** Where agents send their batches. */
export const shipPath = "/vedette.v1.Ingest/Ship";
