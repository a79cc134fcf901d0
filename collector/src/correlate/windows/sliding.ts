import type { Outcome } from "./window.ts";
import { Window } from "./window.ts";

/**
 * A window that ends with each event. The condition is asked for the windows that an event is in: for one that comes in order that is
 * the one which ends with it, for a late one also those which end with later ones. So the order of arrival decides nothing.
 */
export class SlidingWindow extends Window {
  file(time: number, id: number, datum: number, out: Outcome): void {
    const { entries } = this;
    const { timespanMs, lateMs } = this.plan.spec;
    const newest = entries.last;
    out.set("late");
    if (time < newest - lateMs) return;
    out.set("repeat");
    const place = entries.add(time, id, datum);
    if (place < 0) return;
    out.set("filed");
    if (time < newest) {
      if (time >= newest - timespanMs) this.add(datum);
      else this.low++;
      this.#lookAround(time, out);
    } else {
      this.add(datum);
      const { times, data } = entries;
      for (const from = time - timespanMs; times[this.low]! < from; this.low++) this.remove(data[this.low]!);
      if (entries.end - this.low >= this.plan.least && this.holds)
        out.hold(time - timespanMs, time, this.tallies);
    }
    this.#forget();
  }

  get ends(): number {
    return this.entries.last;
  }
  close(): void {}

  /** Goes back from the newest window to the one that ends with a late event, and forth again. */
  #lookAround(time: number, out: Outcome): void {
    const { timespanMs } = this.plan.spec;
    const { times, data, head, end } = this.entries;
    const { entries } = this;
    if (entries.after(time + timespanMs) - entries.from(time - timespanMs) < this.plan.least) return;
    let { low } = this;
    let high = end;
    for (;;) {
      const last = times[high - 1]!;
      if (last <= time + timespanMs && this.holds) out.hold(last - timespanMs, last, this.tallies);
      if (last <= time) break;
      while (times[high - 1] === last) this.remove(data[--high]!);
      for (const from = times[high - 1]! - timespanMs; low > head && times[low - 1]! >= from; ) {
        this.add(data[--low]!);
      }
    }
    while (high < end) this.add(data[high++]!);
    while (low < this.low) this.remove(data[low++]!);
  }

  #forget(): void {
    const { entries } = this;
    const { timespanMs, lateMs } = this.plan.spec;
    const before = entries.last - timespanMs - lateMs;
    let to = entries.head;
    while (entries.times[to]! < before) to++;
    if (to > entries.head) this.drop(to);
    if (this.plan.folds && entries.size > this.plan.keep) this.#fold();
    this.bound();
  }

  /** Of equal values that are too old for late events to ask for them, only the last one matters. Leaves a quarter free. */
  #fold(): void {
    const { entries } = this;
    const { times, data } = entries;
    const { timespanMs, lateMs } = this.plan.spec;
    const settled = entries.from(entries.last - lateMs);
    const wanted = new Uint8Array(entries.end).fill(1);
    const seen = new Set<number>();
    // The last one of a value before `settled` stands for it, until one behind is as old.
    for (let at = settled - 1; at >= entries.head; at--) {
      if (seen.has(data[at]!)) wanted[at] = 0;
      else seen.add(data[at]!);
    }
    entries.keep((at) => wanted[at] === 1);
    const { keep } = this.plan;
    const spare = entries.size - (keep - (keep >>> 2));
    if (spare > 0) {
      this.truncated += spare;
      entries.drop(spare);
    }
    this.low = entries.from(times[times.length - 1]! - timespanMs);
    this.clear();
    for (let at = this.low; at < entries.end; at++) this.add(data[at]!);
  }
}
