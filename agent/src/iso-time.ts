const last = { time: Number.NaN, text: "" };

/** A time as RFC 3339 in UTC. Logs that come together have one time, whose text is made once. */
export function isoTime(time: number): string {
  if (time !== last.time) {
    last.time = time;
    last.text = new Date(time).toISOString();
  }
  return last.text;
}
