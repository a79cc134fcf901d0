import { setTimeout } from "node:timers/promises";
import { rateLimited } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import type { Cases } from "./cases.ts";
import type { Grouper } from "./incidents/index.ts";
import { type Lease, leaseMs } from "./lease.ts";
import type { SourceWatch } from "./sources/index.ts";

interface Options {
  readonly lease: Lease;
  readonly grouper: Grouper;
  readonly cases: Cases;
  readonly sources: SourceWatch | undefined;
  /** Deletes some of what is older than it is to be kept; gives how much. */
  readonly prune: () => Promise<number>;
}

/** How far the work is. Times in milliseconds since 1970. */
interface Place {
  /** All alerts stored until then were grouped. */
  readonly seen?: number;
  /** When somebody last did this work. */
  readonly at?: number;
  /** Since when somebody did it without a break. */
  readonly since?: number;
}

const everyMs = 5_000;
const sourcesEveryMs = 10_000;
const pruneEveryMs = 3_600_000;
/** Alerts that come one after the other are grouped together. */
const gatherMs = 200;
/** Longer than that nobody listened: silence then says nothing of a source. */
const breakMs = 4 * leaseMs;

/**
 * What one collector at a time does for all: groups alerts into incidents, copies what people made of them, sees which sources
 * are silent. Comes back from every failure; nothing waits for it.
 */
export class Chores {
  readonly #options: Options;
  readonly #deps: Deps;
  readonly #warn: (fields: object, message: string) => void;
  #wake: AbortController = new AbortController();
  #heardAt = 0;
  #lookedAt = 0;
  #prunedAt = 0;

  constructor(options: Options, deps: Deps) {
    this.#options = options;
    this.#deps = deps;
    this.#warn = rateLimited((fields, message) => deps.log.warn(fields, message), 30_000, deps.clock.now);
  }

  /** There is something to group. */
  nudge(): void {
    this.#wake.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { lease, grouper } = this.#options;
    while (!signal.aborted) {
      try {
        if (!(await this.#turn(signal))) continue;
      } catch (error) {
        if (signal.aborted) break;
        grouper.forget();
        this.#warn({ error }, "Alerts cannot be grouped now, will retry.");
      }
      await this.#rest(signal);
    }
    await lease.leave().catch(() => undefined);
  }

  /** Gives false where there is more to do at once. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    const { lease, grouper, cases } = this.#options;
    // Also without the lease: everyone tells what it heard.
    await this.#hear();
    const taken = await lease.take();
    if (taken === undefined) {
      grouper.forget();
      return true;
    }
    const now = this.#deps.clock.now();
    const place = placeOf(taken.place);
    const since = place.since === undefined || now - (place.at ?? 0) > breakMs ? now : place.since;
    await cases.copyMissing();
    const { seen, more } = await grouper.round(place.seen);
    const next: Place = { ...(seen !== undefined && { seen }), at: now, since };
    if (!(await lease.advance(JSON.stringify(next)))) grouper.forget();
    await this.#look(since, signal);
    await this.#prune();
    return !more;
  }

  async #hear(): Promise<void> {
    const now = this.#deps.clock.now();
    if (!this.#options.sources || now - this.#heardAt < sourcesEveryMs) return;
    this.#heardAt = now;
    await this.#options.sources.write();
  }

  async #look(since: number, signal: AbortSignal): Promise<void> {
    const now = this.#deps.clock.now();
    if (!this.#options.sources || now - this.#lookedAt < sourcesEveryMs) return;
    this.#lookedAt = now;
    const { silent, back } = await this.#options.sources.check(since, signal);
    if (silent + back > 0) this.#deps.log.info({ silent, back }, "Sources fell silent or are heard again.");
  }

  /** A piece each round while there is more, then not for an hour. */
  async #prune(): Promise<void> {
    const now = this.#deps.clock.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    const deleted = await this.#options.prune();
    if (deleted === 0) this.#prunedAt = now;
    else this.#deps.log.info({ deleted }, "Old rows of the control database were deleted.");
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const wake = AbortSignal.any([signal, this.#wake.signal]);
    await setTimeout(everyMs, undefined, { signal: wake }).catch(() => undefined);
    if (signal.aborted) return;
    if (this.#wake.signal.aborted) await setTimeout(gatherMs, undefined, { signal }).catch(() => undefined);
    this.#wake = new AbortController();
  }
}

function placeOf(text: string): Place {
  try {
    return text === "" ? {} : (JSON.parse(text) as Place);
  } catch {
    return {};
  }
}
