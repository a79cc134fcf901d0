import { setTimeout as sleep } from "node:timers/promises";
import { type Batch, type BatchHeader, decodeBatch } from "@vedette/core/batch";
import { isVedetteError, messageOf, VedetteError } from "@vedette/sdk";
import { insist, waitBefore } from "../bounded/index.ts";

/** A batch on its way into the store. */
export interface Arrival {
  readonly header: BatchHeader;
  readonly frame: Buffer;
}

/**
 * Remembers which batches go into the store together, or alone, so that a crash finds the same groups again: the store
 * recognises a repeat by the group as a whole.
 */
export interface GroupJournal {
  /** Returns when the group is on disk; what it gives forgets the group, once its batches are noted as stored. */
  note(group: readonly Arrival[]): Promise<() => Promise<void>>;
}

export interface StoreQueueDeps {
  /** Stores batches together and notes them as stored; may be repeated with the same ones. */
  store(batches: readonly Batch[], signal: AbortSignal): Promise<void>;
  readonly journal: GroupJournal;
  /** Told of each attempt that failed and will be made again. */
  readonly onRetry: (error: unknown, waitMs: number) => void;
  /** Groups that are being stored at the same time. */
  readonly concurrency: number;
}

interface Member extends Arrival {
  /** Attempts that failed while the batch was alone. */
  failures: number;
  readonly signal: AbortSignal;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Bounds of a group. A batch that is larger goes alone. */
export const groupLimits = { batches: 256, rows: 40_000, bodyBytes: 20 * 2 ** 20 } as const;
/**
 * Fewer rows than this, three full batches, wait for company, but only until so long after the last insert began: as long as
 * inserts take, within these bounds. So groups are large where the store is slow, and small where it is not.
 */
const fewRows = 30_000;
const paceMs = { least: 200, most: 1_000 } as const;

/**
 * Stores batches, several together: an insert costs ClickHouse as much as thousands of rows. A batch that comes while
 * nothing is being stored is stored at once; under load those that wait form groups by themselves.
 */
export class StoreQueue {
  readonly #deps: StoreQueueDeps;
  readonly #waiting: Member[] = [];
  /** Groups as they must be stored, and single batches whose turn has come again. */
  readonly #formed: (readonly Member[])[] = [];
  #active = 0;
  #begun = Number.NEGATIVE_INFINITY;
  /** How long the last group took to be stored. */
  #tookMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: StoreQueueDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the batch is stored. Rejects with its own error where the store never takes it, and with what `signal`
   * aborts with. The caller bounds how many wait.
   */
  add(arrival: Arrival, signal: AbortSignal): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ ...arrival, failures: 0, signal, done, failed });
      this.#pump();
    });
  }

  /** The same for a batch that must not share an insert. */
  async alone(arrival: Arrival, signal: AbortSignal): Promise<void> {
    const [result] = await this.together([arrival], signal);
    if (result?.status === "rejected") throw result.reason;
  }

  /** Stores batches as one group, which the caller has noted where a crash finds it. One result for each. */
  together(arrivals: readonly Arrival[], signal: AbortSignal): Promise<PromiseSettledResult<void>[]> {
    const members: Member[] = [];
    const results = arrivals.map(
      (arrival) =>
        new Promise<void>((done, failed) => {
          members.push({ ...arrival, failures: 0, signal, done, failed });
        }),
    );
    this.#formed.push(members);
    this.#pump();
    return Promise.allSettled(results);
  }

  #pump(): void {
    while (this.#active < this.#deps.concurrency) {
      const formed = this.#formed.shift();
      if (!formed && (this.#waiting.length === 0 || this.#waits())) return;
      this.#active++;
      const begun = performance.now();
      this.#begun = begun;
      const work = formed ? this.#store(formed, false) : this.#noted(this.#take());
      void work.finally(() => {
        this.#active--;
        this.#tookMs = performance.now() - begun;
        this.#pump();
      });
    }
  }

  /** True while little waits and the last insert is recent; the pump then runs again when it no longer is. */
  #waits(): boolean {
    const pace = Math.min(paceMs.most, Math.max(paceMs.least, this.#tookMs));
    const ms = this.#begun + pace - performance.now();
    let rows = 0;
    for (const { header } of this.#waiting) rows += header.rows;
    if (ms <= 0 || rows >= fewRows) return false;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, ms);
    return true;
  }

  /** The next batches that may go together: in the order they came, within the limits. */
  #take(): Member[] {
    const [first] = this.#waiting;
    let [at, rows, bytes] = [0, 0, 0];
    for (const { header, signal } of this.#waiting) {
      rows += header.rows;
      bytes += header.bodyBytes;
      const fits = rows <= groupLimits.rows && bytes <= groupLimits.bodyBytes && at < groupLimits.batches;
      if (at > 0 && (!fits || signal !== first?.signal)) break;
      at++;
    }
    return this.#waiting.splice(0, at);
  }

  async #noted(members: readonly Member[]): Promise<void> {
    const { signal } = members[0]!;
    let forget: () => Promise<void>;
    try {
      // Without a note they must not be stored: after a crash they would come again in other company.
      forget = await insist(() => this.#note(members), signal, this.#deps.onRetry);
    } catch (error) {
      for (const member of members) member.failed(error);
      return;
    }
    await this.#store(members, true);
    // What was given up half-way is stored again at the next start, as the same group.
    if (!signal.aborted) await forget().catch(() => {});
  }

  async #note(members: readonly Member[]): Promise<() => Promise<void>> {
    try {
      return await this.#deps.journal.note(members);
    } catch (error) {
      const message = `The collector's state folder does not take batches: ${messageOf(error)}. Make room on its disk.`;
      throw new VedetteError("store.unavailable", message, { verdict: "retry" }, { cause: error });
    }
  }

  /** Settles every member, and never rejects. */
  async #store(members: readonly Member[], isNoted: boolean): Promise<void> {
    const good: { member: Member; batch: Batch }[] = [];
    for (const member of members) {
      try {
        good.push({ member, batch: decodeBatch(member.frame, member.header) });
      } catch (error) {
        member.failed(error);
      }
    }
    const [first] = good;
    if (!first) return;
    const { signal } = first.member;
    const store = (): Promise<void> =>
      this.#deps.store(
        good.map(({ batch }) => batch),
        signal,
      );
    try {
      if (good.length === 1 && !isNoted) await store();
      else await insist(store, signal, this.#deps.onRetry);
      for (const { member, batch } of good) {
        member.done();
        // After a failure something may still be reading it.
        batch.free();
      }
    } catch (error) {
      if (signal.aborted) for (const { member } of good) member.failed(error);
      else if (good.length > 1) for (const { member } of good) await this.#store([member], isNoted);
      else this.#failed(first.member, error);
    }
  }

  /** A single batch that the store does not take, and that is not noted, gives up its place to others while it waits. */
  #failed(member: Member, error: unknown): void {
    if (!isVedetteError(error) || error.verdict.verdict !== "retry") {
      member.failed(error);
      return;
    }
    const waitMs = waitBefore(member.failures++, error);
    this.#deps.onRetry(error, waitMs);
    sleep(waitMs, undefined, { signal: member.signal }).then(
      () => {
        this.#formed.push([member]);
        this.#pump();
      },
      () => member.failed(member.signal.reason),
    );
  }
}
