/** Layouts that Go names, plus epoch counts, which Go layouts cannot say. */
export const namedLayouts: Readonly<Record<string, string>> = {
  Layout: "01/02 03:04:05PM '06 -0700",
  ANSIC: "Mon Jan _2 15:04:05 2006",
  UnixDate: "Mon Jan _2 15:04:05 MST 2006",
  RubyDate: "Mon Jan 02 15:04:05 -0700 2006",
  RFC822: "02 Jan 06 15:04 MST",
  RFC822Z: "02 Jan 06 15:04 -0700",
  RFC850: "Monday, 02-Jan-06 15:04:05 MST",
  RFC1123: "Mon, 02 Jan 2006 15:04:05 MST",
  RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700",
  RFC3339: "2006-01-02T15:04:05Z07:00",
  RFC3339Nano: "2006-01-02T15:04:05.999999999Z07:00",
  Kitchen: "3:04PM",
  Stamp: "Jan _2 15:04:05",
  StampMilli: "Jan _2 15:04:05.000",
  StampMicro: "Jan _2 15:04:05.000000",
  StampNano: "Jan _2 15:04:05.000000000",
  DateTime: "2006-01-02 15:04:05",
  DateOnly: "2006-01-02",
  TimeOnly: "15:04:05",
};

/** Digits behind the second that an epoch count has, by name. */
export const epochDigits: Readonly<Record<string, number>> = {
  Unix: 0,
  UnixMilli: 3,
  UnixMicro: 6,
  UnixNano: 9,
};

/** A piece of a layout: text that stands as it is, or an element of the time by its Go spelling. */
export type Chunk = { readonly literal: string } | { readonly std: string };

// Order matters: the longer spelling first, as in Go's own scanner.
const STD =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|__2|_2(?!006)|2|3|4|5|PM|pm|[-Z]07(?::00:00|0000|:00|00)?|[.,](?:0+|9+)(?!\d)/g;

/** Splits a Go layout, such as `02/Jan/2006:15:04:05 -0700`, into its pieces. */
export function splitLayout(layout: string): Chunk[] {
  const chunks: Chunk[] = [];
  let from = 0;
  for (const match of layout.matchAll(STD)) {
    if (match.index > from) chunks.push({ literal: layout.slice(from, match.index) });
    chunks.push({ std: match[0] });
    from = match.index + match[0].length;
  }
  if (from < layout.length) chunks.push({ literal: layout.slice(from) });
  return chunks;
}

/** The place of the piece that is the second in two digits; -1 where a layout does not tell it so, and no more than once. */
export function onlySecond(layout: string, chunks: readonly Chunk[]): number {
  if (Object.hasOwn(epochDigits, layout)) return -1;
  const places = chunks.flatMap((chunk, place) =>
    "std" in chunk && (chunk.std === "05" || chunk.std === "5") ? [place] : [],
  );
  const [place = -1] = places;
  const chunk = chunks[place];
  return places.length === 1 && chunk && "std" in chunk && chunk.std === "05" ? place : -1;
}

/** True for the pieces that are fractions of a second. */
export const isFraction = (std: string): boolean => std[0] === "." || std[0] === ",";

export const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
export const weekdays = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;
