import {
  type Chunk,
  epochDigits,
  isFraction,
  months,
  namedLayouts,
  onlySecond,
  splitLayout,
  weekdays,
} from "./layout.ts";
import type { Moment } from "./moment.ts";

/** Writes a moment in its own offset. */
export type FormatTime = (moment: Moment) => string;

const pad = (value: number, length = 2, filler = "0"): string => String(value).padStart(length, filler);
const twelve = (date: Date): number => date.getUTCHours() % 12 || 12;

/** Writes one element; `date` holds the local time in its UTC fields. */
type WriteChunk = (date: Date, moment: Moment) => string;

function yearDay(date: Date): number {
  // Date.UTC takes a year below 100 for one of the last century.
  const first = new Date(0).setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first) / 86_400_000) + 1;
}

function zone(std: string): WriteChunk {
  const colon = std.includes(":") ? ":" : "";
  const parts = std.replace(/[^0]/g, "").length;
  return (_date, { offset }) => {
    if (std[0] === "Z" && offset === 0) return "Z";
    const seconds = Math.abs(offset);
    const fields = [seconds / 3600, (seconds % 3600) / 60, seconds % 60].map((field) =>
      pad(Math.trunc(field)),
    );
    return `${offset < 0 ? "-" : "+"}${fields.slice(0, Math.ceil(parts / 2)).join(colon)}`;
  };
}

const abbreviation: WriteChunk = (date, moment) => {
  if (moment.zone !== "") return moment.zone;
  if (moment.offset === 0) return "UTC";
  return zone(moment.offset % 3600 === 0 ? "-07" : "-0700")(date, moment);
};

const writers: Readonly<Record<string, WriteChunk>> = {
  "2006": (date) => pad(date.getUTCFullYear(), 4),
  "06": (date) => pad(date.getUTCFullYear() % 100),
  January: (date) => months[date.getUTCMonth()]!,
  Jan: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  "01": (date) => pad(date.getUTCMonth() + 1),
  "1": (date) => String(date.getUTCMonth() + 1),
  Monday: (date) => weekdays[date.getUTCDay()]!,
  Mon: (date) => weekdays[date.getUTCDay()]!.slice(0, 3),
  "02": (date) => pad(date.getUTCDate()),
  "2": (date) => String(date.getUTCDate()),
  _2: (date) => pad(date.getUTCDate(), 2, " "),
  "002": (date) => pad(yearDay(date), 3),
  __2: (date) => pad(yearDay(date), 3, " "),
  "15": (date) => pad(date.getUTCHours()),
  "03": (date) => pad(twelve(date)),
  "3": (date) => String(twelve(date)),
  "04": (date) => pad(date.getUTCMinutes()),
  "4": (date) => String(date.getUTCMinutes()),
  "05": (date) => pad(date.getUTCSeconds()),
  "5": (date) => String(date.getUTCSeconds()),
  PM: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  pm: (date) => (date.getUTCHours() < 12 ? "am" : "pm"),
  MST: abbreviation,
};

function writerOf(chunk: Chunk): WriteChunk {
  if ("literal" in chunk) return () => chunk.literal;
  const { std } = chunk;
  if (!isFraction(std)) return /^[-Z]07/.test(std) ? zone(std) : writers[std]!;
  const length = std.length - 1;
  return (_date, { nanoseconds }) => {
    const shown = pad(nanoseconds, 9).slice(0, length).padEnd(length, "0");
    const kept = std[1] === "9" ? shown.replace(/0+$/, "") : shown;
    return kept === "" ? "" : std[0]! + kept;
  };
}

/** Compiles a Go layout, the name of one such as `RFC3339`, or an epoch count such as `UnixMilli`. */
export function compileFormat(layout: string): FormatTime {
  if (Object.hasOwn(epochDigits, layout)) {
    const digits = epochDigits[layout]!;
    return ({ seconds, nanoseconds }) =>
      String((BigInt(seconds) * 1_000_000n + BigInt(nanoseconds)) / 10n ** BigInt(9 - digits));
  }
  const write = chunksOf(layout).map(writerOf);
  return (moment) => written(write, moment);
}

/** Compiles a layout to what says where it writes the two digits of the second; below 0 where it does not write them once. */
export function secondWritten(layout: string): (moment: Moment) => number {
  const chunks = chunksOf(layout);
  const place = onlySecond(layout, chunks);
  const before = chunks.slice(0, Math.max(place, 0)).map(writerOf);
  return (moment) => (place < 0 ? -1 : written(before, moment).length);
}

const chunksOf = (layout: string): Chunk[] =>
  splitLayout(Object.hasOwn(namedLayouts, layout) ? namedLayouts[layout]! : layout);

function written(write: readonly WriteChunk[], moment: Moment): string {
  const date = new Date(moment.seconds + moment.offset * 1000);
  let text = "";
  for (const writer of write) text += writer(date, moment);
  return text;
}
