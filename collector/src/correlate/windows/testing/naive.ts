import { within } from "../bounds.ts";
import type { Correlation } from "../correlation.ts";
import type { Measure } from "../measure.ts";

/** An event of a member, as a test gives it. */
export interface Arrival {
  readonly id: string;
  readonly time: number;
  readonly member: number;
  readonly group: string;
  readonly value: number;
}

interface State {
  readonly all: Arrival[];
  /** Times for which it was told, of windows that do not overlap. */
  readonly told: number[];
  fired: number;
}

const measureOf = ({ kind, percentile = 50 }: Measure, of: readonly number[]): number | undefined => {
  const sum = of.reduce((total, each) => total + each, 0);
  switch (kind) {
    case "count":
      return of.length;
    case "distinct":
      return new Set(of).size;
    case "sum":
      return of.length === 0 ? undefined : sum;
    case "average":
      return of.length === 0 ? undefined : sum / of.length;
    case "percentile":
      return [...of].sort((a, b) => a - b)[Math.max(0, Math.ceil((percentile / 100) * of.length) - 1)];
  }
};

/** What a correlation finds, computed anew from all events for each one: the reference. Gives ids of the events that are told. */
export function naive(correlation: Correlation, arrivals: readonly Arrival[], lateMs: number): string[] {
  const groups = new Map<string, State>();
  const told: string[] = [];
  const { question, timespanMs } = correlation;
  for (const arrival of arrivals) {
    const state = groups.get(arrival.group) ?? { all: [], told: [], fired: Number.NEGATIVE_INFINITY };
    groups.set(arrival.group, state);
    const newest = Math.max(...state.all.map(({ time }) => time));
    if (arrival.time < newest - lateMs) continue;
    const memberwise = question.kind === "occurrence" || question.of === "member";
    const twin = ({ id, member }: Arrival): boolean =>
      id === arrival.id && (!memberwise || member === arrival.member);
    if (state.all.some(twin)) continue;
    state.all.push(arrival);
    const all =
      question.kind === "measure"
        ? [measured(correlation, state.all, arrival)]
        : question.terms.map(({ present }) => together(correlation, present, state.all, arrival));
    const ranged = question.kind === "measure" && question.shape.kind !== "sliding";
    for (const held of all) {
      if (!held) continue;
      const waits = ranged
        ? state.told.some((each) => each >= held.from && each <= held.to)
        : Math.abs(held.to - state.fired) <= timespanMs;
      if (waits) continue;
      state.told.push(arrival.time);
      state.fired = Math.max(state.fired, held.to);
      if (told.at(-1) !== arrival.id) told.push(arrival.id);
    }
  }
  return told;
}

type Range = { readonly from: number; readonly to: number } | undefined;

function measured({ question, timespanMs }: Correlation, all: readonly Arrival[], arrival: Arrival): Range {
  if (question.kind !== "measure") return undefined;
  const { measures, of, shape } = question;
  const holds = (some: readonly Arrival[]): boolean => {
    const data = some.map(({ value, member }) => (of === "member" ? member : value));
    return measures.every((measure) => {
      const value = measureOf(measure, data);
      return value !== undefined && within(measure.bounds, value);
    });
  };
  const inside = (from: number, to: number): Arrival[] =>
    all.filter(({ time }) => time >= from && time <= to);
  if (shape.kind === "sliding") {
    const ends = all
      .map(({ time }) => time)
      .filter((time) => time >= arrival.time && time <= arrival.time + timespanMs);
    const to = ends.sort((a, b) => a - b).find((end) => holds(inside(end - timespanMs, end)));
    return to === undefined ? undefined : { from: to - timespanMs, to };
  }
  if (shape.kind === "tumbling") {
    const from = Math.floor(arrival.time / timespanMs) * timespanMs;
    return holds(inside(from, from + timespanMs - 1)) ? { from, to: from + timespanMs - 1 } : undefined;
  }
  const sessions: Arrival[][] = [];
  for (const each of [...all].sort((a, b) => a.time - b.time)) {
    const last = sessions.at(-1);
    const near =
      last && each.time - last.at(-1)!.time <= shape.gapMs && each.time - last[0]!.time <= timespanMs;
    if (near) last.push(each);
    else sessions.push([each]);
  }
  const own = sessions.find((session) => session.includes(arrival))!;
  return holds(own) ? { from: own[0]!.time, to: own.at(-1)!.time } : undefined;
}

/** The earliest end of what has all of these members, one of which is the arrival's. */
function together(
  { question, timespanMs }: Correlation,
  present: readonly number[],
  all: readonly Arrival[],
  arrival: Arrival,
): Range {
  if (question.kind !== "occurrence" || !present.includes(arrival.member)) return undefined;
  let best: Range;
  // Every choice of one event a member, the arrival for its own.
  let ways: Arrival[][] = [[]];
  for (const member of present) {
    const choices = member === arrival.member ? [arrival] : all.filter((each) => each.member === member);
    ways = ways.flatMap((way) => choices.map((choice) => [...way, choice]));
  }
  for (const way of ways) {
    const times = way.map(({ time }) => time);
    const from = Math.min(...times);
    const to = Math.max(...times);
    const inOrder = times.every((time, at) => at === 0 || time >= times[at - 1]!);
    if (to - from > timespanMs || (question.ordered && !inOrder)) continue;
    if (!best || to < best.to) best = { from, to };
  }
  return best;
}
