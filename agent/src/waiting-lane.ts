import type { RowLog, WaitingProgram } from "@vedette/core/pipeline";
import type { InputLog } from "@vedette/sdk";
import { isoTime } from "./iso-time.ts";

/** A log with what its pipeline has made of it. */
export interface FinishedDraft {
  readonly log: InputLog;
  readonly program: WaitingProgram;
  readonly draft: Awaited<ReturnType<WaitingProgram["run"]>>[number];
}

/** Puts the next draft into its batch. A promise is back-pressure. */
export type TakeDraft = (finished: FinishedDraft) => void | Promise<void>;

/** Logs that begin together. */
const groupLogs = 256;
/** Logs of a data type that wait for plugins at the same time, and their characters. */
const maxLogs = 1_024;
const maxLength = 16 << 20;

interface Entry {
  readonly log: InputLog;
  finished: FinishedDraft | undefined;
}

/**
 * Logs of one data type whose pipeline waits for plugins. Many wait at once; they come out in the order in which they came, so
 * that what is noted as read is read.
 */
export class WaitingLane {
  readonly #take: TakeDraft;
  #program: WaitingProgram;
  readonly #entries: Entry[] = [];
  /** Those that have not begun. */
  #group: Entry[] = [];
  #length = 0;
  #draining = false;
  /** Resolved when there is room again, and when nothing waits. */
  #room: PromiseWithResolvers<void> | undefined;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(program: WaitingProgram, take: TakeDraft) {
    this.#program = program;
    this.#take = take;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Takes another pipeline for what comes from now on. */
  change(program: WaitingProgram): void {
    this.#send();
    this.#program = program;
  }

  push(log: InputLog): void | Promise<void> {
    const entry: Entry = { log, finished: undefined };
    this.#entries.push(entry);
    this.#length += log.raw.length;
    this.#group.push(entry);
    if (this.#group.length >= groupLogs) this.#send();
    // What else comes in this turn goes along.
    else if (this.#group.length === 1) setImmediate(() => this.#send());
    if (!this.#isFull) return;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Resolves after all that was pushed is in batches. */
  async drained(): Promise<void> {
    if (this.isEmpty) return;
    this.#empty ??= Promise.withResolvers();
    await this.#empty.promise;
  }

  get #isFull(): boolean {
    return this.#entries.length >= maxLogs || this.#length >= maxLength;
  }

  /** Begins with the logs that were gathered. */
  #send(): void {
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    const program = this.#program;
    void program.run(group.map(({ log }) => rowOf(log))).then((drafts) => {
      for (const [index, entry] of group.entries())
        entry.finished = { log: entry.log, program, draft: drafts[index]! };
      if (this.#entries[0] === group[0]) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let taken = this.#ready(); taken > 0; taken = this.#ready()) {
      let next = 0;
      while (next < taken) {
        const wait = this.#take(this.#entries[next++]!.finished!);
        if (!wait) continue;
        this.#remove(next);
        taken -= next;
        next = 0;
        await wait;
      }
      this.#remove(next);
    }
    this.#draining = false;
    if (this.isEmpty) {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }

  /** How many at the head are finished. */
  #ready(): number {
    const pending = this.#entries.findIndex(({ finished }) => finished === undefined);
    return pending < 0 ? this.#entries.length : pending;
  }

  #remove(count: number): void {
    for (const { log } of this.#entries.splice(0, count)) this.#length -= log.raw.length;
    if (this.#room && !this.#isFull) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }
}

const rowOf = ({ id, time, dataSource, raw, flaw, tenantId = "" }: InputLog): RowLog => ({
  id,
  time,
  timestamp: isoTime(time),
  dataSource,
  tenantId,
  raw,
  flaw,
});
