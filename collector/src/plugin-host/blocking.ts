import type { Deps } from "@vedette/sdk";

/** A block of the process that is told. */
const blockMs = 100;
const everyMs = 50;
/** One plugin is named in the log this often at most. */
const tellEveryMs = 60_000;

/** A part of a plugin that may have held the process. */
export interface Holder {
  readonly name: string;
  blocked(ms: number): void;
}

/**
 * Sees code of plugins that holds the event loop. What a call does before it first waits is measured exactly. What it does later is
 * seen by a timer that comes late, and is put down to the calls that were under way: to one alone, or to all of them.
 */
export class Blocking {
  readonly #deps: Pick<Deps, "log" | "clock">;
  readonly #active = new Set<Holder>();
  readonly #told = new Map<string, number>();
  #expected = 0;
  /** Of the time since the timer came last, what is accounted for. */
  #measured = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: Pick<Deps, "log" | "clock">) {
    this.#deps = deps;
  }

  start(): void {
    this.#expected = performance.now() + everyMs;
    this.#timer ??= setInterval(() => this.#look(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Runs the beginning of a call, and counts the call as under way until what it gave has settled. */
  watch<T>(holder: Holder, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    this.#active.add(holder);
    const call = work();
    const heldMs = performance.now() - began;
    if (heldMs >= blockMs) {
      this.#measured += heldMs;
      this.#note([holder], heldMs);
    }
    const done = (): void => void this.#active.delete(holder);
    call.then(done, done);
    return call;
  }

  #look(): void {
    const now = performance.now();
    const lateMs = now - this.#expected - this.#measured;
    this.#expected = now + everyMs;
    this.#measured = 0;
    if (lateMs >= blockMs && this.#active.size > 0) this.#note([...this.#active], lateMs);
  }

  #note(holders: readonly Holder[], ms: number): void {
    for (const holder of holders) holder.blocked(ms);
    const names = holders.map(({ name }) => name).slice(0, 20);
    const key = names.join(",");
    const now = this.#deps.clock.now();
    if (now - (this.#told.get(key) ?? -tellEveryMs) < tellEveryMs) return;
    if (this.#told.size > 1_000) this.#told.clear();
    this.#told.set(key, now);
    this.#deps.log.warn(
      { plugins: names, heldMs: Math.round(ms) },
      holders.length === 1
        ? "A plugin held the whole process; nothing else could run meanwhile."
        : "Something held the whole process while these plugins were at work; one of them may have.",
    );
  }
}
