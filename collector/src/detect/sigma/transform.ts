import { many, type Pattern, parsePattern, plainText } from "./pattern.ts";

/** A value on its way through modifiers: text with wildcards, and for encoded text its bytes. */
export type Value = { readonly pattern: Pattern } | { readonly bytes: Buffer };

/** Values that modifiers may make of one. */
const maxValues = 10_000;

const dashes = ["-", "/", "\u2013", "\u2014", "\u2015"];
/** A dash that begins an option. */
const optionDash = /\B[-/]\b/g;

/** Each way to write the options of a command line: with a hyphen, a slash or a longer dash. */
function windash(pattern: Pattern): Pattern[] {
  let all: Pattern[] = [[]];
  for (const part of pattern) {
    const ways = typeof part === "string" ? dashed(part) : [part];
    all = all.flatMap((begun) => ways.map((way) => [...begun, way]));
    if (all.length > maxValues) throw new RangeError("has too many dashes to try each way to write them");
  }
  return all;
}

function dashed(text: string): string[] {
  const places = [...text.matchAll(optionDash)].map(({ index }) => index);
  let all = [""];
  let from = 0;
  for (const place of places) {
    const before = text.slice(from, place);
    all = all.flatMap((begun) => dashes.map((dash) => begun + before + dash));
    if (all.length > maxValues) throw new RangeError("has too many dashes to try each way to write them");
    from = place + 1;
  }
  return all.map((begun) => begun + text.slice(from));
}

function utf16(value: Value, order: "le" | "be" | "bom"): Value {
  const bytes = Buffer.from(plain(value), "utf16le");
  if (order === "be") return { bytes: bytes.swap16() };
  return { bytes: order === "bom" ? Buffer.concat([Buffer.from([0xff, 0xfe]), bytes]) : bytes };
}

const base64 = (value: Value): Value => ({ pattern: literal(bytesOf(value).toString("base64")) });

/** What a text looks like within the Base64 of a longer one, at each of the three places it may begin. */
function base64offset(value: Value): Value[] {
  const bytes = bytesOf(value);
  const starts = [0, 2, 3];
  const ends = [undefined, -3, -2];
  return starts.map((start, offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset, " "), bytes]).toString("base64");
    return { pattern: literal(encoded.slice(start, ends[(bytes.length + offset) % 3])) };
  });
}

/** What modifiers that need nothing but the value make of it. */
export const encoders = {
  windash: (value: Value): Value[] => windash(patternOf(value)).map((pattern) => ({ pattern })),
  base64: (value: Value): Value[] => [base64(value)],
  base64offset,
  utf16le: (value: Value): Value[] => [utf16(value, "le")],
  utf16be: (value: Value): Value[] => [utf16(value, "be")],
  utf16: (value: Value): Value[] => [utf16(value, "bom")],
};

const literal = (text: string): Pattern => (text === "" ? [] : [text]);

function plain(value: Value): string {
  if ("bytes" in value) throw new RangeError("is encoded twice");
  const text = plainText(value.pattern);
  if (text === undefined) throw new RangeError("has a wildcard, which cannot be encoded");
  return text;
}

const bytesOf = (value: Value): Buffer => ("bytes" in value ? value.bytes : Buffer.from(plain(value)));

/** Bytes that no modifier took for more are looked for as they are. */
export const patternOf = (value: Value): Pattern =>
  "bytes" in value ? literal(value.bytes.toString("latin1")) : value.pattern;

/** Adds a wildcard where the text may go on. */
export const anchored = (pattern: Pattern, before: boolean, after: boolean): Pattern => [
  ...(before ? [many] : []),
  ...pattern,
  ...(after ? [many] : []),
];

const placeholder = /%([A-Za-z0-9_.-]+)%/g;

/** Puts the values of placeholders `%name%` into a text. `missing` is called for one that has none. */
export function expand(
  pattern: Pattern,
  values: (name: string) => readonly string[] | undefined,
): { readonly patterns: Pattern[] } | { readonly missing: string } {
  let all: Pattern[] = [[]];
  for (const part of pattern) {
    if (typeof part !== "string") {
      all = all.map((begun) => [...begun, part]);
      continue;
    }
    let from = 0;
    for (const found of part.matchAll(placeholder)) {
      const given = values(found[1]!);
      if (!given) return { missing: found[1]! };
      const before = part.slice(from, found.index);
      all = all.flatMap((begun) =>
        given.map((each) => [...begun, ...literal(before), ...parsePattern(each)]),
      );
      if (all.length > maxValues) throw new RangeError("has too many values of placeholders");
      from = found.index + found[0].length;
    }
    const rest = part.slice(from);
    if (rest !== "") all = all.map((begun) => [...begun, rest]);
  }
  return { patterns: all.map(merged) };
}

/** Texts that stand side by side become one. */
function merged(pattern: Pattern): Pattern {
  const parts: Pattern[number][] = [];
  for (const part of pattern) {
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
  return parts;
}
