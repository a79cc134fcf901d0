import { type Batch, decodeBatch, type SealedBatch } from "@vedette/core/batch";
import { type CelProgram, ObjectDoc } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";

/**
 * Where a tap looks: `logs` as inputs handed them over, `events` as pipelines made them, `drops` with their reasons,
 * `batches` and `acks` by their headers.
 */
export const tapPoints = ["logs", "events", "drops", "batches", "acks"] as const;
export type TapPoint = (typeof tapPoints)[number];

export interface TapOptions {
  readonly point: TapPoint;
  /** Only of this data type. */
  readonly dataType?: string;
  /** Only where the expression holds for the event (or the header, or the drop). */
  readonly filter?: CelProgram;
  /** One of this many that pass the filter. */
  readonly sample: number;
}

/** A log that no batch holds, and why. */
export interface Drop {
  readonly dataType: string;
  readonly reason: string;
  readonly raw: string;
}

/** Lines that may wait for a slow reader; what is more is left out and counted. */
const maxWaiting = 2_000;
const maxTaps = 16;

/** One reader's view. Lines are JSON objects; `missed` counts those that it was too slow for. */
export class Tap {
  readonly options: TapOptions;
  missed = 0;
  readonly #waiting: string[] = [];
  #passed = 0;
  #wake: (() => void) | undefined;

  constructor(options: TapOptions) {
    this.options = options;
  }

  /** True while the reader is too slow: nothing more is kept for it. */
  get stalled(): boolean {
    return this.#waiting.length >= maxWaiting;
  }

  /** Offers a value; `shown` is what the reader gets of it. */
  offer(dataType: string, value: object, shown: () => object = () => value): void {
    const { dataType: only, filter, sample } = this.options;
    if (only !== undefined && only !== dataType) return;
    if (filter && !holds(filter, value)) return;
    if (this.#passed++ % sample !== 0) return;
    if (this.stalled) {
      this.missed++;
      return;
    }
    this.#waiting.push(JSON.stringify(shown()));
    this.#wake?.();
  }

  /** All lines that wait; waits for one. Empty after the signal aborted. */
  async take(signal: AbortSignal): Promise<readonly string[]> {
    if (this.#waiting.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wake = undefined;
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener("abort", wake);
      });
    }
    return this.#waiting.splice(0);
  }
}

/** A filter that fails on a value does not hold for it, as in pipelines. */
function holds(filter: CelProgram, value: object): boolean {
  try {
    return filter.test(new ObjectDoc(value as Record<string, unknown>));
  } catch {
    return false;
  }
}

/** Hands what passes through an agent to whoever looks. Costs one comparison a batch while nobody does. */
export class TapHub {
  readonly #taps = new Set<Tap>();

  /** True while someone looks at one of these points. */
  watches(...points: readonly TapPoint[]): boolean {
    if (this.#taps.size === 0) return false;
    for (const { options } of this.#taps) if (points.includes(options.point)) return true;
    return false;
  }

  /** Undefined when too many look already. */
  open(options: TapOptions): Tap | undefined {
    if (this.#taps.size >= maxTaps) return undefined;
    const tap = new Tap(options);
    this.#taps.add(tap);
    return tap;
  }

  close(tap: Tap): void {
    this.#taps.delete(tap);
  }

  /** A batch as it goes to the spool: what is in it is what a tap shows, not what was meant to be. */
  sealed({ header, frame }: SealedBatch): void {
    if (this.#taps.size === 0) return;
    let batch: Batch | undefined;
    for (const tap of this.#taps) {
      const { point, dataType } = tap.options;
      if (point === "batches") tap.offer(header.dataType, header);
      else if (
        (point === "events" || point === "logs") &&
        (dataType ?? header.dataType) === header.dataType
      ) {
        if (tap.stalled) {
          // Opening batches for a reader that stands still would cost the agent time for nothing.
          tap.missed += header.rows;
          continue;
        }
        batch ??= decodeBatch(frame);
        for (let row = 0; row < batch.rows; row++) {
          const event = batch.event(row);
          tap.offer(header.dataType, event, point === "logs" ? () => logOf(event) : undefined);
        }
      }
    }
  }

  dropped(drop: Drop): void {
    for (const tap of this.#taps) {
      if (tap.options.point === "drops") tap.offer(drop.dataType, drop);
      else if (tap.options.point === "logs") tap.offer(drop.dataType, { ...drop, dropped: true });
    }
  }

  acknowledged(header: { readonly dataType: string }, outcome: string): void {
    for (const tap of this.#taps)
      if (tap.options.point === "acks") tap.offer(header.dataType, { ...header, outcome });
  }
}

const logOf = ({ id, "@timestamp": time, dataType, dataSource, tenantId, raw }: Event): object => ({
  id,
  "@timestamp": time,
  dataType,
  dataSource,
  tenantId,
  raw,
});
