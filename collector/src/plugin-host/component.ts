import { type Clock, messageOf, VedetteError } from "@vedette/sdk";
import type { Blocking, Holder } from "./blocking.ts";

/** What a part of a plugin does; each has its own deadline, counters and faults. */
export type Role =
  | "health"
  | "collect"
  | "periodic"
  | "assets"
  | "export"
  | "analyze"
  | "correlate"
  | "notify"
  | "action";

/** What became of the calls of one part of a plugin since it was opened. Times in milliseconds since 1970. */
export interface ComponentStats {
  readonly role: Role;
  readonly status: "healthy" | "error";
  readonly calls: number;
  readonly errors: number;
  /** Events, alerts or messages that were not handed over because too many waited. */
  readonly dropped: number;
  readonly waiting: number;
  readonly busyMs: number;
  /** Time in which it held the whole process, in calls that held it for more than 100 ms. */
  readonly blockedMs: number;
  readonly longestBlockMs: number;
  readonly lastRunAt?: number;
  readonly lastError?: { readonly at: number; readonly message: string };
  readonly backlog?: { readonly more: boolean; readonly percent?: number };
}

/**
 * Calls one part of a plugin, with a deadline. A call that overstays it counts as failed, its signal aborts, and no other
 * is made before it has really ended: what hangs cannot pile up.
 */
export class Component implements Holder {
  readonly role: Role;
  /** Of plugin and part, for people. */
  readonly name: string;
  readonly #blocking: Blocking;
  #blockedMs = 0;
  #longestBlockMs = 0;
  readonly #clock: Clock;
  readonly deadlineMs: number;
  #calls = 0;
  #errors = 0;
  #busyMs = 0;
  #lastRunAt: number | undefined;
  #lastError: { readonly at: number; readonly message: string } | undefined;
  #failed = false;
  #overstaying: Promise<unknown> | undefined;
  dropped = 0;
  waiting = 0;
  backlog: { readonly more: boolean; readonly percent?: number } | undefined;

  constructor(plugin: string, role: Role, deadlineMs: number, clock: Clock, blocking: Blocking) {
    this.name = `${plugin} (${role})`;
    this.role = role;
    this.#blocking = blocking;
    this.deadlineMs = deadlineMs;
    this.#clock = clock;
  }

  /** Whether a call that was given up has not ended yet. */
  get busy(): boolean {
    return this.#overstaying !== undefined;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Runs a call. Rejects with `plugin.failed` whatever it threw, and when its time is over. */
  async run<T>(ending: AbortSignal, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    if (this.#overstaying) throw this.#fail(`${this.role} is still busy with an earlier call.`);
    const started = this.#clock.now();
    this.#calls++;
    this.#lastRunAt = started;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), this.deadlineMs);
    const signal = AbortSignal.any([ending, over.signal]);
    const call = this.#blocking.watch(this, async () => work(signal));
    try {
      const result = await Promise.race([call, aborted(signal)]);
      this.#failed = false;
      return result;
    } catch (error) {
      if (ending.aborted) throw error;
      if (over.signal.aborted) {
        const settled = call.then(
          () => undefined,
          () => undefined,
        );
        this.#overstaying = settled.then(() => {
          this.#overstaying = undefined;
        });
        throw this.#fail(`${this.role} did not end within ${this.deadlineMs / 1_000} s.`);
      }
      throw this.#fail(messageOf(error), error);
    } finally {
      clearTimeout(timer);
      this.#busyMs += Math.max(0, this.#clock.now() - started);
    }
  }

  blocked(ms: number): void {
    this.#blockedMs += ms;
    this.#longestBlockMs = Math.max(this.#longestBlockMs, ms);
  }

  #fail(message: string, cause?: unknown): VedetteError {
    this.#errors++;
    this.#failed = true;
    this.#lastError = { at: this.#clock.now(), message: message.slice(0, 1_000) };
    return new VedetteError("plugin.failed", message, { verdict: "drop" }, { cause });
  }

  stats(): ComponentStats {
    return {
      ...{ role: this.role, status: this.#failed ? "error" : "healthy", calls: this.#calls },
      ...{ errors: this.#errors, dropped: this.dropped, waiting: this.waiting, busyMs: this.#busyMs },
      ...{ blockedMs: Math.round(this.#blockedMs), longestBlockMs: Math.round(this.#longestBlockMs) },
      ...(this.#lastRunAt !== undefined && { lastRunAt: this.#lastRunAt }),
      ...(this.#lastError && { lastError: this.#lastError }),
      ...(this.backlog && { backlog: this.backlog }),
    };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error("The call was ended."));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}
