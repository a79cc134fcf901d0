import { isoTime as textOf } from "@vedette/core/batch";

const last = { time: Number.NaN, text: "" };

/** A time as RFC 3339 in UTC. Logs that come together have one time, whose text is made once. Throws a RangeError where it is none. */
export function isoTime(time: number): string {
  if (time !== last.time) {
    last.text = textOf(Math.trunc(time)) ?? new Date(time).toISOString();
    last.time = time;
  }
  return last.text;
}
