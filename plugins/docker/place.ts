/** How far a stream of a container was taken: the time of the last line, and how many lines of that time. */
export interface StreamPlace {
  /** `2026-01-02T03:04:05.123456789Z`, so that places sort as text. */
  readonly time: string;
  readonly lines: number;
  /** Where to read on: earlier than `time` where the other stream had begun a line that had not ended. */
  readonly since: string;
}

/** The engine's time in the one form that sorts as text: UTC with nine digits. */
export function sortable(time: string): string {
  if (time.length === 30 && time.endsWith("Z")) return time;
  const [, seconds = "", fraction = "", zone = "Z"] = /^(.{19})(?:\.(\d+))?(.*)$/.exec(time) ?? [];
  const utc = new Date(`${seconds}${zone}`).toISOString().slice(0, 19);
  return `${utc}.${fraction.padEnd(9, "0")}Z`;
}

const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** The form of `since` of the engine: seconds since 1970 with nanoseconds. */
export const secondsOf = (time: string): string =>
  `${Math.floor(Date.parse(`${time.slice(0, 19)}Z`) / 1_000)}.${time.slice(20, 29)}`;

export const cursorOf = ({ time, lines, since }: StreamPlace): string => `${time} ${lines} ${since}`;

export function placeOf(cursor: string | undefined): StreamPlace | undefined {
  const [time = "", lines = "", since = ""] = (cursor ?? "").split(" ");
  return form.test(time) && form.test(since) ? { time, lines: Number(lines) || 0, since } : undefined;
}
