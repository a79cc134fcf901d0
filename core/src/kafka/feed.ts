import { isVedetteError, type Logger } from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import type { ConsumerHandlers, IncomingRecord, TopicPartition } from "./types.ts";

export interface FeedDeps {
  readonly log: Logger;
  readonly handlers: ConsumerHandlers;
  /** The feed has room for records again. */
  readonly wants: () => void;
  /** The handler failed for good. */
  readonly failed: (error: unknown) => void;
}

/**
 * One partition while it belongs to this member: what was fetched goes to the handler, one answer after the other. It holds
 * at most the answer being handled and one more; while it holds that one it wants none.
 */
export class PartitionFeed {
  readonly of: TopicPartition;
  readonly #deps: FeedDeps;
  readonly #end = new AbortController();
  #start: bigint | undefined;
  #position = 0n;
  #waiting: readonly IncomingRecord[] | undefined;
  #busy = false;

  constructor(of: TopicPartition, deps: FeedDeps) {
    this.of = of;
    this.#deps = deps;
  }

  /** Where this membership began to read: a commit before it would set the group back. Undefined before it begins. */
  get start(): bigint | undefined {
    return this.#start;
  }

  /** The offset to fetch next. */
  get position(): bigint {
    return this.#position;
  }

  /** Whether records may be fetched for it now. */
  get hungry(): boolean {
    return this.#start !== undefined && this.#waiting === undefined && !this.ended;
  }

  /** Aborts when the partition leaves this member. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get ended(): boolean {
    return this.#end.signal.aborted;
  }

  begin(start: bigint): void {
    this.#start = start;
    this.#position = start;
  }

  /** Goes on elsewhere, because the broker has no such offset any more. */
  skipTo(offset: bigint): void {
    this.#position = offset;
  }

  /** Takes what was fetched from `position` on; `next` is the offset after it, beyond records that are not for readers. */
  take(records: readonly IncomingRecord[], next: bigint): void {
    if (!this.hungry || next <= this.#position) return;
    this.#position = next;
    if (records.length === 0) return;
    this.#waiting = records;
    if (!this.#busy) void this.#run();
  }

  /** The partition leaves this member: nothing more is delivered. */
  end(): void {
    this.#end.abort();
    this.#waiting = undefined;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#waiting; next !== undefined && !this.ended; next = this.#waiting) {
        this.#waiting = undefined;
        this.#deps.wants();
        await this.#deliver(next);
      }
    } catch (error) {
      this.#deps.failed(error);
    } finally {
      this.#busy = false;
    }
  }

  /** A handler that fails is given the same records again, after a wait, unless it says that this is of no use. */
  async #deliver(records: readonly IncomingRecord[]): Promise<void> {
    const backoff = new Backoff(100, 10_000);
    const { signal } = this.#end;
    for (;;) {
      try {
        await this.#deps.handlers.records(this.of, records, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const verdict = isVedetteError(error) ? error.verdict : undefined;
        if (verdict?.verdict !== "retry") throw error;
        this.#deps.log.warn(
          { error, ...this.of },
          "Records of a partition were not taken, will be given again.",
        );
        await wait(verdict.afterMs ?? backoff.next(), signal);
        if (signal.aborted) return;
      }
    }
  }
}
