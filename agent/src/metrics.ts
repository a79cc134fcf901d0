import type { Counter, Gauge, Telemetry } from "@vedette/core/telemetry";

/** Every fact the agent counts, in one place. Labels are bounded: no file names, no addresses. */
export interface AgentMetrics {
  readonly lines: Counter;
  readonly bytes: Counter;
  readonly flaws: Counter;
  readonly rotations: Counter;
  readonly inputErrors: Counter;
  readonly openFiles: Gauge;
  readonly events: Counter;
  readonly dropped: Counter;
  readonly sealed: Counter;
  readonly sealedBytes: Counter;
  readonly sent: Counter;
  readonly resent: Counter;
  readonly acknowledged: Counter;
  readonly refused: Counter;
  readonly connects: Counter;
  readonly spoolBytes: Gauge;
  readonly spoolBatches: Gauge;
  readonly lagSeconds: Gauge;
}

/** Registers the agent's metrics. Call once per registry. */
export function agentMetrics(telemetry: Telemetry): AgentMetrics {
  const total = (name: string, help: string, labels: readonly string[] = []): Counter =>
    telemetry.counter(`vedette_agent_${name}_total`, help, labels);
  const gauge = (name: string, help: string): Gauge => telemetry.gauge(`vedette_agent_${name}`, help);
  return {
    lines: total("lines", "Lines read, by data type.", ["data_type"]),
    bytes: total("read_bytes", "Bytes read, by data type.", ["data_type"]),
    flaws: total("flawed_lines", "Lines cut at the limit or with bytes replaced.", ["flaw"]),
    rotations: total("rotations", "Files renamed, truncated or deleted while they were followed.", ["kind"]),
    inputErrors: total("input_errors", "Attempts to read that failed, by reason.", ["reason"]),
    openFiles: gauge("open_files", "Files held open."),
    events: total("events", "Events put into batches, by data type.", ["data_type"]),
    dropped: total("dropped", "Logs and batches dropped, by stage and reason.", ["stage", "reason"]),
    sealed: total("batches_sealed", "Batches sealed, by data type and why.", ["data_type", "why"]),
    sealedBytes: total("batch_bytes", "Bytes of sealed batches, compressed."),
    sent: total("batches_sent", "Batches sent to a collector, repeats included."),
    resent: total("batches_resent", "Batches sent again after a connection was lost."),
    acknowledged: total("batches_acknowledged", "Batches a collector or Kafka acknowledged, by outcome.", [
      "outcome",
    ]),
    refused: total(
      "batches_refused",
      "Attempts to send a batch that Kafka refuses until something is changed; the batch is kept.",
      ["reason"],
    ),
    connects: total("connects", "Connections to a collector, by result.", ["result"]),
    spoolBytes: gauge("spool_bytes", "Bytes of batches on disk."),
    spoolBatches: gauge(
      "spool_unacknowledged_batches",
      "Batches on disk that no collector has acknowledged.",
    ),
    lagSeconds: gauge(
      "lag_seconds",
      "Age of the newest line acknowledged by a collector; 0 with an empty spool.",
    ),
  };
}
