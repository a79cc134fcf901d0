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
import { type Moment, momentOf, type Parts } from "./moment.ts";
import type { ZoneOffset } from "./zone.ts";

/**
 * Reads a time; `near` (ms since 1970) stands in for what the layout does not name, `zone` for an offset that the text
 * does not tell. Undefined when the text does not fit.
 */
export type ParseTime = (text: string, near: number, zone?: ZoneOffset) => Moment | undefined;

/** Reads one element at an offset and returns the offset behind it; -1 when the text does not fit. */
type ReadChunk = (text: string, at: number, parts: Parts) => number;

function digits(text: string, at: number, least: number, most: number): number {
  let end = at;
  while (end < text.length && end - at < most && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57)
    end++;
  return end - at >= least ? end : -1;
}

const number =
  (least: number, most: number, set: (parts: Parts, value: number) => void, skipSpace = false): ReadChunk =>
  (text, start, parts) => {
    let at = start;
    while (skipSpace && text[at] === " ") at++;
    const end = digits(text, at, least, most);
    if (end >= 0) set(parts, Number(text.slice(at, end)));
    return end;
  };

/** The same where the number itself tells that it cannot be, wherever else the part is told again. */
const bounded =
  (least: number, from: number, to: number, set: (parts: Parts, value: number) => void): ReadChunk =>
  (text, at, parts) => {
    const end = digits(text, at, least, 2);
    if (end < 0) return end;
    const value = Number(text.slice(at, end));
    if (value < from || value > to) return -1;
    set(parts, value);
    return end;
  };

function name(
  words: readonly string[],
  length: number | undefined,
  set: (parts: Parts, index: number) => void,
): ReadChunk {
  const short = new Map(words.map((word, index) => [word.slice(0, 3).toLowerCase(), index]));
  return (text, at, parts) => {
    // Three letters tell all months and all days apart.
    const index = short.get(text.slice(at, at + 3).toLowerCase());
    if (index === undefined) return -1;
    const word = words[index]!.slice(0, length);
    if (length !== 3 && text.slice(at, at + word.length).toLowerCase() !== word.toLowerCase()) return -1;
    set(parts, index);
    return at + word.length;
  };
}

/** Digits of a second that are read; nine of them count. */
const MAX_FRACTION = 30;

/** Reads a point or a comma and digits behind it, so many at most. */
function readFraction(text: string, at: number, parts: Parts, least: number, most: number): number {
  if (text[at] !== "." && text[at] !== ",") return -1;
  const end = digits(text, at + 1, least, most);
  if (end >= 0) parts.nanoseconds = Number(text.slice(at + 1, Math.min(end, at + 10)).padEnd(9, "0"));
  return end;
}

function readZone(std: string): ReadChunk {
  const shape = std.slice(3);
  const colon = shape.includes(":");
  const count = shape.replaceAll(":", "").length / 2;
  const pattern = new RegExp(`([+-])(\\d\\d)${`${colon ? ":" : ""}(\\d\\d)`.repeat(count)}`, "y");
  return (text, at, parts) => {
    if (std[0] === "Z" && text[at] === "Z") {
      parts.offset = 0;
      return at + 1;
    }
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return -1;
    const [, sign, hours, minutes = 0, seconds = 0] = match;
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    if (Number(hours) > 24 || Number(minutes) > 59) return -1;
    parts.offset = sign === "-" ? -total : total;
    return at + match[0].length;
  };
}

const ABBREVIATION = /GMT([+-]\d{1,2})?|[A-Z]{3,5}|[+-]\d\d(?:\d\d)?/y;

const readAbbreviation: ReadChunk = (text, at, parts) => {
  ABBREVIATION.lastIndex = at;
  const match = ABBREVIATION.exec(text);
  if (!match) return -1;
  // As in Go: an abbreviation says no offset, except for UTC, GMT+3 and the like.
  parts.zone = match[0];
  if (match[1]) parts.offset ??= Number(match[1]) * 3600;
  else if (match[0] === "UTC" || match[0] === "GMT") parts.offset ??= 0;
  return at + match[0].length;
};

const half: ReadChunk = (text, at, parts) => {
  const word = text.slice(at, at + 2).toUpperCase();
  if (word !== "AM" && word !== "PM") return -1;
  parts.afternoon = word === "PM";
  return at + 2;
};

const setSecond = (parts: Parts, value: number): void => {
  parts.second = value;
};
const setDay = (parts: Parts, value: number): void => {
  parts.day = value;
};
const setMonth = (parts: Parts, value: number): void => {
  parts.month = value;
};
const setHour = (parts: Parts, value: number): void => {
  parts.hour = value;
};
const setMinute = (parts: Parts, value: number): void => {
  parts.minute = value;
};
const setYearDay = (parts: Parts, value: number): void => {
  parts.yearDay = value;
};
const ignore = (): void => {};

const readers: Readonly<Record<string, ReadChunk>> = {
  "2006": number(4, 4, (parts, value) => {
    parts.year = value;
  }),
  "06": number(2, 2, (parts, value) => {
    parts.year = value + (value >= 69 ? 1900 : 2000);
  }),
  January: name(months, undefined, (parts, index) => setMonth(parts, index + 1)),
  Jan: name(months, 3, (parts, index) => setMonth(parts, index + 1)),
  "01": bounded(2, 1, 12, setMonth),
  "1": bounded(1, 1, 12, setMonth),
  Monday: name(weekdays, undefined, ignore),
  Mon: name(weekdays, 3, ignore),
  "02": number(2, 2, setDay),
  "2": number(1, 2, setDay),
  _2: number(1, 2, setDay, true),
  "002": number(3, 3, setYearDay),
  __2: number(1, 3, setYearDay, true),
  "15": bounded(1, 0, 23, setHour),
  "03": bounded(2, 0, 12, setHour),
  "3": bounded(1, 0, 12, setHour),
  "04": bounded(2, 0, 59, setMinute),
  "4": bounded(1, 0, 59, setMinute),
  "05": bounded(2, 0, 59, setSecond),
  "5": bounded(1, 0, 59, setSecond),
  PM: half,
  pm: half,
  MST: readAbbreviation,
};

/** Text stands for itself; a run of spaces matches any run of spaces, as in Go. */
function readLiteral(literal: string): ReadChunk {
  return (text, start) => {
    let at = start;
    for (let index = 0; index < literal.length; index++) {
      if (literal[index] === " ") {
        if (at < text.length && text[at] !== " ") return -1;
        while (literal[index + 1] === " ") index++;
        while (text[at] === " ") at++;
      } else if (text[at] === literal[index]) at++;
      else return -1;
    }
    return at;
  };
}

/** `next` is the next element, which need not follow at once. */
function readerOf(chunk: Chunk, next: string | undefined): ReadChunk {
  if ("literal" in chunk) return readLiteral(chunk.literal);
  const { std } = chunk;
  if (isFraction(std)) {
    const fixed = std[1] === "0";
    const length = std.length - 1;
    return (text, at, parts) => {
      const end = readFraction(text, at, parts, fixed ? length : 1, fixed ? length : MAX_FRACTION);
      return end < 0 && !fixed ? at : end;
    };
  }
  if (/^[-Z]07/.test(std)) return readZone(std);
  const reader = readers[std]!;
  const fractionFollows = next !== undefined && isFraction(next);
  if ((std !== "05" && std !== "5") || fractionFollows) return reader;
  // Go reads a fraction behind the seconds even where the layout has none.
  return (text, at, parts) => {
    const end = reader(text, at, parts);
    if (end < 0) return end;
    const behind = readFraction(text, end, parts, 1, MAX_FRACTION);
    return behind < 0 ? end : behind;
  };
}

function epochParser(fraction: number): ParseTime {
  return (text) => {
    const match = /^(-?\d{1,19})(?:\.(\d{1,9}))?$/.exec(text.trim());
    if (!match) return undefined;
    const nanoseconds =
      BigInt(match[1]!) * 10n ** BigInt(9 - fraction) +
      BigInt((match[2] ?? "").padEnd(9, "0")) / 10n ** BigInt(fraction);
    const below = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    const seconds = Number((nanoseconds - below) / 1_000_000n);
    if (Math.abs(seconds) > 8.64e15) return undefined;
    return { seconds, nanoseconds: Number(below), offset: 0, zone: "UTC" };
  };
}

function readersOf(layout: string): {
  readonly chunks: readonly Chunk[];
  readonly read: readonly ReadChunk[];
} {
  const chunks = splitLayout(Object.hasOwn(namedLayouts, layout) ? namedLayouts[layout]! : layout);
  const read = chunks.map((chunk, index) => {
    const next = chunks.slice(index + 1).find((each) => "std" in each);
    return readerOf(chunk, next?.std);
  });
  return { chunks, read };
}

/** Compiles a Go layout, the name of one such as `RFC3339`, or `Unix`, `UnixMilli`, `UnixMicro`, `UnixNano`. */
export function compileParse(layout: string): ParseTime {
  if (Object.hasOwn(epochDigits, layout)) return epochParser(epochDigits[layout]!);
  const { read } = readersOf(layout);
  return (text, near, zone) => {
    const parts: Parts = { hour: 0, minute: 0, second: 0, nanoseconds: 0 };
    let at = 0;
    for (const reader of read) {
      at = reader(text, at, parts);
      if (at < 0) return undefined;
    }
    return at === text.length ? momentOf(parts, near, zone) : undefined;
  };
}

/** Compiles a layout to what says where the two digits of the second begin in a text that fits; below 0 where they are not told once. */
export function secondRead(layout: string): (text: string) => number {
  const { chunks, read } = readersOf(layout);
  const place = onlySecond(layout, chunks);
  return (text) => {
    const parts: Parts = { hour: 0, minute: 0, second: 0, nanoseconds: 0 };
    let at = place < 0 ? -1 : 0;
    for (let index = 0; index < place && at >= 0; index++) at = read[index]!(text, at, parts);
    return at;
  };
}
