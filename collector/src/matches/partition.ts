import type { IncomingRecord } from "@vedette/core/kafka";
import { type Alert, isVedetteError, VedetteError } from "@vedette/sdk";
import type { Match, Onward, Owner } from "../detect/index.ts";
import type { KeptRecord } from "./memory.ts";
import { decodeMatches } from "./record.ts";

/** What comes of some records, to be made durable before their offsets are committed. */
export interface Taken {
  readonly records: readonly KeptRecord[];
  readonly alerts: readonly Alert[];
  /** Events that owners of correlations are to be told of. */
  readonly onward: readonly Onward[];
}

export interface PartitionDeps {
  /** Makes an owner that remembers what there was before an offset. */
  readonly rebuild: (partition: number, offset: bigint, signal: AbortSignal) => Promise<Owner>;
  /** Returns when all of it is on disk. */
  readonly keep: (taken: Taken, signal: AbortSignal) => Promise<void>;
  /** Told of a record that cannot be read, or a match that cannot be filed. Both are passed over. */
  readonly onFault: (what: "unreadable" | "failed", error: unknown, record: IncomingRecord) => void;
  /** Told of matches whose alerts are on disk, and of names among them that no rule here has. */
  readonly onTaken: (counts: { matches: number; alerts: number; unknown: number }) => void;
}

/** Matches after which what they gave is made durable: it bounds what one step holds. */
const maxMatches = 4_000;

/** A partition while this collector owns it. What it remembers is made anew whenever the topic goes on elsewhere. */
export class OwnedPartition {
  readonly #partition: number;
  readonly #deps: PartitionDeps;
  #owner: Owner | undefined;
  #next = 0n;
  /** Ends with what is under way with its memory. */
  #turn: Promise<unknown> = Promise.resolve();
  /** What owners were told while another is made. */
  #told: ((owner: Owner) => void)[] | undefined;

  constructor(partition: number, deps: PartitionDeps) {
    this.#partition = partition;
    this.#deps = deps;
  }

  get owner(): Owner | undefined {
    return this.#owner;
  }

  /** The offset after the last record whose alerts are on disk; 0 before the first. */
  get next(): bigint {
    return this.#next;
  }

  /**
   * Takes records in the order of the topic. After a rejection it remembers nothing: the same records may be given again,
   * and what they gave before comes again with the same ids.
   */
  take(records: readonly IncomingRecord[], signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#take(records, signal));
  }

  /** Tells the owner of something, and the one that is being made to follow it. */
  tell(told: (owner: Owner) => void): void {
    if (this.#owner) told(this.#owner);
    this.#told?.push(told);
  }

  /** Makes its memory anew, as the rules want it that run now. After a rejection it remembers nothing, as after one of `take`. */
  renew(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#owner) return;
      const told: ((owner: Owner) => void)[] = [];
      this.#told = told;
      try {
        const next = await this.#deps.rebuild(this.#partition, this.#next, signal);
        for (const each of told) each(next);
        this.#owner = next;
      } catch (error) {
        this.#owner = undefined;
        throw error;
      } finally {
        this.#told = undefined;
      }
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #take(records: readonly IncomingRecord[], signal: AbortSignal): Promise<void> {
    const first = records[0]?.offset;
    if (first === undefined) return;
    if (this.#owner && first > this.#next) this.#owner = undefined;
    try {
      if (!this.#owner) {
        this.#owner = await this.#deps.rebuild(this.#partition, first, signal);
        this.#next = first;
      }
      await this.#run(
        this.#owner,
        records.filter(({ offset }) => offset >= this.#next),
        signal,
      );
    } catch (error) {
      this.#owner = undefined;
      throw blocking(error, signal);
    }
  }

  /** Makes durable the alerts that time raises. Where that fails, memory is made anew, and they come again. */
  async due(signal: AbortSignal): Promise<void> {
    const owner = this.#owner;
    const alerts = owner?.due() ?? [];
    if (!owner || alerts.length === 0) return;
    try {
      await this.#deps.keep({ records: [], alerts, onward: [] }, signal);
      this.#deps.onTaken({ matches: 0, alerts: alerts.length, unknown: 0 });
    } catch (error) {
      if (this.#owner === owner) this.#owner = undefined;
      throw blocking(error, signal);
    }
  }

  async #run(owner: Owner, records: readonly IncomingRecord[], signal: AbortSignal): Promise<void> {
    let kept: KeptRecord[] = [];
    let alerts: Alert[] = [];
    let matches = 0;
    let known = owner.unknown;
    for (const [at, record] of records.entries()) {
      const read = this.#read(record);
      for (const match of read?.matches ?? []) alerts.push(...this.#try(owner, match, record));
      if (read) kept.push(keptOf(record, read.matches, read.partitions, owner));
      matches += read?.matches.length ?? 0;
      owner.settle();
      read?.free();
      if (matches < maxMatches && at < records.length - 1) continue;
      await this.#deps.keep({ records: kept, alerts, onward: owner.onward() }, signal);
      signal.throwIfAborted();
      this.#next = record.offset + 1n;
      this.#deps.onTaken({ matches, alerts: alerts.length, unknown: owner.unknown - known });
      known = owner.unknown;
      kept = [];
      alerts = [];
      matches = 0;
    }
  }

  /** A fault of ours with one event must not stop all that come after it. */
  #try(owner: Owner, match: Match, record: IncomingRecord): readonly Alert[] {
    try {
      return owner.take(match);
    } catch (error) {
      this.#deps.onFault("failed", error, record);
      return [];
    }
  }

  #read(record: IncomingRecord): ReturnType<typeof decodeMatches> | undefined {
    try {
      return decodeMatches(record.value);
    } catch (error) {
      if (!isVedetteError(error) || error.verdict.verdict !== "drop") throw error;
      this.#deps.onFault("unreadable", error, record);
      return undefined;
    }
  }
}

function keptOf(
  { partition, offset, timestamp, value }: IncomingRecord,
  matches: readonly Match[],
  partitions: number,
  owner: Owner,
): KeptRecord {
  const needed = matches.reduce((most, match) => Math.max(most, owner.neededMs(match)), 0);
  return {
    partition,
    offset,
    partitions,
    at: timestamp,
    until: timestamp + needed,
    matches: matches.length,
    value,
  };
}

/** What cannot be stored is not given up: the partition waits, and the log says why. */
function blocking(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || !isVedetteError(error) || error.verdict.verdict === "retry") return error;
  return new VedetteError(error.code, error.message, { verdict: "retry", afterMs: 10_000 }, { cause: error });
}
