import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { rateLimited } from "@vedette/core/telemetry";
import type { Logger } from "@vedette/sdk";
import { pause } from "./pause.ts";

export interface Limits {
  /** CPU time that may be used, in percent of one core; undefined: no limit. */
  readonly cpuPercent?: number | undefined;
  /** Resident memory from which on less is read, MiB; undefined: no limit. */
  readonly memoryMiB?: number | undefined;
}

/** What a governor measures. Passed in, so that its pace can be tested without using CPU time. */
export interface Gauges {
  /** CPU time of the process so far, milliseconds. */
  cpuMs(): number;
  rssBytes(): number;
  /** Monotonic, milliseconds. */
  now(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
  collectGarbage(): void;
}

/** CPU time that an idle agent may save up for a burst. */
const burstMs = 1_000;
const longestHoldMs = 5_000;
/** Between two batches while memory is above its limit. */
const memoryHoldMs = 1_000;

/** Keeps an agent within what the host's owner allows it: inputs wait after a batch that used up its share. */
export class Governor {
  readonly #signal: AbortSignal;
  readonly #gauges: Gauges;
  readonly #warn: (fields: object, message: string) => void;
  #limits: Limits;
  #changed = new AbortController();
  #cpuMs: number;
  #at: number;
  /** CPU time left to use; negative: time to wait for. */
  #creditMs = burstMs;

  constructor(limits: Limits, deps: { log: Logger; signal: AbortSignal }, gauges: Gauges = processGauges) {
    this.#limits = limits;
    this.#signal = deps.signal;
    this.#gauges = gauges;
    this.#cpuMs = gauges.cpuMs();
    this.#at = gauges.now();
    this.#warn = rateLimited((fields, message) => deps.log.warn(fields, message), 60_000, gauges.now);
  }

  /** Takes other limits; who waits for the earlier ones goes on. */
  change(limits: Limits): void {
    this.#limits = limits;
    this.#creditMs = Math.max(0, this.#creditMs);
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** Called after every batch: undefined to go on at once, else a promise to wait for. */
  hold(): Promise<void> | undefined {
    const ms = Math.max(this.#cpuHold(), this.#memoryHold());
    return ms > 0 ? this.#gauges.wait(ms, AbortSignal.any([this.#signal, this.#changed.signal])) : undefined;
  }

  #cpuHold(): number {
    const { cpuPercent } = this.#limits;
    if (cpuPercent === undefined) return 0;
    const [cpuMs, now] = [this.#gauges.cpuMs(), this.#gauges.now()];
    const share = cpuPercent / 100;
    const earned = (now - this.#at) * share;
    this.#creditMs = Math.min(burstMs, this.#creditMs + earned - (cpuMs - this.#cpuMs));
    this.#cpuMs = cpuMs;
    this.#at = now;
    return this.#creditMs >= 0 ? 0 : Math.min(longestHoldMs, -this.#creditMs / share);
  }

  #memoryHold(): number {
    const { memoryMiB } = this.#limits;
    if (memoryMiB === undefined) return 0;
    const most = memoryMiB * 2 ** 20;
    if (this.#gauges.rssBytes() <= most) return 0;
    this.#gauges.collectGarbage();
    const rss = this.#gauges.rssBytes();
    if (rss <= most) return 0;
    const fields = { memoryMiB: Math.round(rss / 2 ** 20), limitMiB: memoryMiB };
    this.#warn(fields, "Memory is above its limit; less is read until it is not.");
    return memoryHoldMs;
  }
}

let gc: (() => void) | undefined;

const processGauges: Gauges = {
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  rssBytes: () => process.memoryUsage.rss(),
  now: () => performance.now(),
  wait: pause,
  collectGarbage: () => {
    if (!gc) {
      // The function is there only behind a flag, which a program may set for itself.
      setFlagsFromString("--expose-gc");
      gc = runInNewContext("gc") as () => void;
    }
    gc();
  },
};
