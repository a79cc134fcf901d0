import { Entries } from "./entries.ts";
import { leastEvents, type Measure, measureRises, satisfied, type Tally, tallyOf } from "./measure.ts";

/** How a timespan is laid over the events of a group. */
export type Shape =
  /** The timespan that ends with an event, both ends included. */
  | { readonly kind: "sliding" }
  /** Spans that follow each other, from multiples of the timespan since 1970. */
  | { readonly kind: "tumbling" }
  /** Events at most so far from each other, the timespan at most in all. */
  | { readonly kind: "session"; readonly gapMs: number };

/** What is asked of the events of a group. */
export interface WindowSpec {
  readonly timespanMs: number;
  readonly shape: Shape;
  /** How much later than the newest of its group an event may come and still be counted. */
  readonly lateMs: number;
  /** All must hold. */
  readonly measures: readonly Measure[];
  /** Entries of a group that are kept. */
  readonly keep: number;
}

/** What came of an event. Filled anew by each `file`, so that none is made. */
export class Outcome {
  filed: "filed" | "repeat" | "late" = "filed";
  /** Whether the condition holds for a window that has the event. */
  holds = false;
  /** That window, both ends included. Of several the earliest. */
  from = 0;
  to = 0;
  /** What the measures of that window are. */
  readonly values: number[] = [];

  set(filed: Outcome["filed"]): void {
    this.filed = filed;
    this.holds = false;
  }
  hold(from: number, to: number, tallies: readonly Tally[]): void {
    this.holds = true;
    this.from = from;
    this.to = to;
    for (let at = 0; at < tallies.length; at++) this.values[at] = tallies[at]!.value ?? 0;
    this.values.length = tallies.length;
  }
  /** As `hold`, of nothing but a count. */
  count(from: number, to: number, count: number): void {
    this.holds = true;
    this.from = from;
    this.to = to;
    this.values[0] = count;
    this.values.length = 1;
  }
}

/** A window whose condition holds at its end, where that could not be told before. */
export type Closed = (from: number, to: number, values: readonly number[]) => void;

/** What correlations share that a window asks again and again. */
export class WindowPlan {
  readonly spec: WindowSpec;
  /** What holds goes on to hold with further events, so it is told at once; else at the end of a window that has one. */
  readonly rises: boolean;
  readonly least: number;
  readonly hasData: boolean;
  readonly keep: number;
  /** Of equal values far apart only the last one matters. */
  readonly folds: boolean;

  constructor(spec: WindowSpec) {
    this.spec = spec;
    const { measures } = spec;
    this.rises = measures.every(measureRises);
    this.least = Math.max(...measures.map(leastEvents));
    this.hasData = measures.some(({ kind }) => kind !== "count");
    const counted = this.rises && !this.hasData && spec.shape.kind !== "session";
    // To see whether there are N, the newest N are enough; as many again for those that come late.
    const enough = Math.max(this.least * 2, 256);
    this.keep = counted ? enough : Math.max(spec.keep, this.least * 2);
    this.folds = spec.shape.kind === "sliding" && measures.every(({ kind }) => kind === "distinct");
  }

  /** Whether windows are asked when they end. */
  get closes(): boolean {
    return !this.rises && this.spec.shape.kind !== "sliding";
  }

  /** Whether it is a sliding window that counts events until there are enough, and nothing else. */
  get counts(): boolean {
    return this.rises && !this.hasData && this.spec.shape.kind === "sliding";
  }
}

/** The events of one group of a correlation that measures them. */
export abstract class Window {
  readonly plan: WindowPlan;
  readonly entries: Entries;
  protected readonly tallies: Tally[];
  /** The first entry of the window that the newest event is in. Tallies are of the entries from there. */
  protected low = 0;
  /** Entries given up because there were too many. */
  truncated = 0;

  constructor(plan: WindowPlan) {
    this.plan = plan;
    this.entries = new Entries(plan.hasData);
    this.tallies = plan.spec.measures.map(tallyOf);
  }

  /** Takes an event in. `datum` is what is measured of it. */
  abstract file(time: number, id: number, datum: number, out: Outcome): void;

  /** When the newest window is over at the latest, by event time; further events may put that off. */
  abstract get ends(): number;

  /** Asks the windows that ended before a time and were not asked yet, where they are asked at their end. */
  abstract close(before: number, closed: Closed): void;

  protected add(datum: number): void {
    for (const tally of this.tallies) tally.add(datum);
  }
  protected remove(datum: number): void {
    for (const tally of this.tallies) tally.remove(datum);
  }
  protected clear(): void {
    for (const tally of this.tallies) tally.clear();
  }
  protected get holds(): boolean {
    return satisfied(this.plan.spec.measures, this.tallies);
  }

  /** Forgets entries before a place. */
  protected drop(to: number): void {
    const { data } = this.entries;
    for (; this.low < to; this.low++) this.remove(data[this.low]!);
    this.low -= this.entries.drop(to);
  }

  /** Keeps what there are too many of within bounds: the oldest go. */
  protected bound(): void {
    const { entries, plan } = this;
    if (entries.size <= plan.keep) return;
    if (plan.hasData || !plan.rises) this.truncated += entries.size - plan.keep;
    this.drop(entries.end - plan.keep);
  }
}
