import type { Closed, Outcome } from "./window.ts";
import { Window, type WindowPlan } from "./window.ts";

/** Windows that do not overlap: tumbling ones and sessions. An event is in one of them. */
export class RangedWindow extends Window {
  /** Windows that end up to here were asked and are over. */
  #closedTo = Number.NEGATIVE_INFINITY;
  /** Nothing is over before this. */
  #checkAt = Number.NEGATIVE_INFINITY;
  readonly #span: number;
  readonly #gap: number;
  #forgetAt = 64;

  constructor(plan: WindowPlan) {
    super(plan);
    const { shape, timespanMs } = plan.spec;
    this.#span = timespanMs;
    this.#gap = shape.kind === "session" ? shape.gapMs : -1;
  }

  file(time: number, id: number, datum: number, out: Outcome): void {
    const { entries } = this;
    const newest = entries.last;
    out.set("late");
    if (time < newest - this.plan.spec.lateMs || time <= this.#closedTo) return;
    out.set("repeat");
    const place = entries.add(time, id, datum);
    if (place < 0) return;
    out.set("filed");
    if (place < entries.end - 1 && place <= this.low) this.#insert(place, out);
    else {
      if (place > this.low && !this.#joins(this.low, place)) this.#begin(place);
      this.add(datum);
      this.#ask(this.low, entries.end, out);
    }
    this.#forget();
  }

  /** Whether an entry belongs to the window that begins with another one, when all between them do. */
  #joins(first: number, place: number): boolean {
    const { times } = this.entries;
    const begin = times[first]!;
    const time = times[place]!;
    if (this.#gap < 0) return Math.floor(begin / this.#span) === Math.floor(time / this.#span);
    return time - begin <= this.#span && time - times[place - 1]! <= this.#gap;
  }

  #begin(place: number): void {
    this.clear();
    this.low = place;
  }

  /** A late event: its own window, and with sessions all that follow, may be others now. */
  #insert(place: number, out: Outcome): void {
    const { entries } = this;
    let first = this.#gap < 0 ? this.#startOf(place) : entries.head;
    for (let at = first + 1; at < entries.end; at++) {
      if (this.#joins(first, at)) continue;
      if (first <= place && place < at) this.#measure(first, at, out);
      first = at;
    }
    this.#measure(first, entries.end, first <= place ? out : undefined);
    this.low = first;
  }

  /** The first entry of the tumbling window that an entry is in. */
  #startOf(place: number): number {
    const { times } = this.entries;
    return this.entries.from(Math.floor(times[place]! / this.#span) * this.#span);
  }

  /** Tallies are of these entries afterwards. */
  #measure(from: number, to: number, out: Outcome | undefined): void {
    this.clear();
    for (let at = from; at < to; at++) this.add(this.entries.data[at]!);
    if (out) this.#ask(from, to, out);
  }

  #ask(from: number, to: number, out: Outcome): void {
    if (this.plan.rises && to - from >= this.plan.least && this.holds) {
      const { begin, end } = this.#rangeOf(from, to);
      out.hold(begin, end, this.tallies);
    }
  }

  #rangeOf(from: number, to: number): { begin: number; end: number } {
    const { times } = this.entries;
    if (this.#gap >= 0) return { begin: times[from]!, end: times[to - 1]! };
    const begin = Math.floor(times[from]! / this.#span) * this.#span;
    return { begin, end: begin + this.#span - 1 };
  }

  /** When the newest window is over at the latest; further events may put that off, up to the timespan. */
  get ends(): number {
    const { times, end } = this.entries;
    if (this.#gap < 0) return this.#rangeOf(this.low, end).end;
    return Math.min(times[end - 1]! + this.#gap, times[this.low]! + this.#span);
  }

  close(before: number, closed: Closed): void {
    const { entries } = this;
    if (!this.plan.closes || entries.size === 0) return;
    if (before <= this.#checkAt) return;
    let first = entries.after(this.#closedTo);
    while (first < entries.end) {
      let to = first + 1;
      while (to < entries.end && this.#joins(first, to)) to++;
      const { begin, end } = this.#rangeOf(first, to);
      this.#checkAt = this.#gap < 0 ? end : Math.min(end + this.#gap, begin + this.#span);
      if (this.#checkAt >= before) break;
      this.#measure(first, to, undefined);
      if (this.holds)
        closed(
          begin,
          end,
          this.tallies.map(({ value }) => value ?? 0),
        );
      this.#closedTo = end;
      first = to;
    }
    this.#measure(this.low, entries.end, undefined);
  }

  #forget(): void {
    this.bound();
    const { entries } = this;
    // Whole windows only, for where a session is cut depends on where it began. Seldom, for all are walked over.
    if (entries.size < this.#forgetAt) return;
    const before = entries.last - this.#span - this.plan.spec.lateMs;
    const { times } = entries;
    let to = entries.head;
    for (let first = to; times[first]! < before; ) {
      let next = first + 1;
      while (next < entries.end && this.#joins(first, next)) next++;
      if (times[next - 1]! >= before || (this.plan.closes && times[next - 1]! > this.#closedTo)) break;
      to = next;
      first = next;
    }
    if (to > entries.head) this.drop(to);
    this.#forgetAt = Math.max(64, entries.size * 2);
  }
}
