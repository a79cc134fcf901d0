import type { Regex } from "./parse.ts";
import { type CharSet, MAX_POINT, negate } from "./sets.ts";

const safe = /^[A-Za-z0-9 _"'<>@=%&#!~`:;,]$/;

/** ASCII as it was written before. */
const ascii: string[] = [];

function point(value: number, unicode: boolean): string {
  if (value >= 128) return written(value, unicode);
  ascii[value] ??= written(value, unicode);
  return ascii[value];
}

function written(value: number, unicode: boolean): string {
  const char = String.fromCodePoint(value);
  if (value < 128 && safe.test(char)) return char;
  if (value > 0xffff) return unicode ? `\\u{${value.toString(16)}}` : "\\uffff";
  return value < 256
    ? `\\x${value.toString(16).padStart(2, "0")}`
    : `\\u${value.toString(16).padStart(4, "0")}`;
}

function ranges(set: CharSet, unicode: boolean): string {
  const limit = unicode ? MAX_POINT : 0xffff;
  let text = "";
  for (let index = 0; index < set.length; index += 2) {
    const from = set[index]!;
    const to = Math.min(set[index + 1]!, limit);
    if (from > limit) break;
    text += from === to ? point(from, unicode) : `${point(from, unicode)}-${point(to, unicode)}`;
  }
  return text;
}

/** A character class of JavaScript. Negated classes stay short. */
export function emitSet(set: CharSet, unicode: boolean): string {
  if (set.length === 0) return "[]";
  if (set.length === 2 && set[0] === set[1] && set[0]! <= (unicode ? MAX_POINT : 0xffff))
    return point(set[0]!, unicode);
  if (set.at(-1) !== MAX_POINT) return `[${ranges(set, unicode)}]`;
  const others = negate(set);
  return others.length === 0 ? "[^]" : `[^${ranges(others, unicode)}]`;
}

const asserts = {
  start: "^",
  end: "$",
  lineStart: "(?<![^\\n])",
  lineEnd: "(?![^\\n])",
  boundary: "\\b",
  noBoundary: "\\B",
} as const;

function quantifier(min: number, max: number, greedy: boolean): string {
  const lazy = greedy ? "" : "?";
  if (max === Number.POSITIVE_INFINITY) return (min === 0 ? "*" : min === 1 ? "+" : `{${min},}`) + lazy;
  if (min === 0 && max === 1) return `?${lazy}`;
  return (min === max ? `{${min}}` : `{${min},${max}}`) + lazy;
}

/** The same expression for the native engine, without capturing groups; `unicode` for the flag `u`. */
export function emitRegex(regex: Regex, unicode: boolean): string {
  switch (regex.kind) {
    case "set":
      return emitSet(regex.set, unicode);
    case "sequence":
      return regex.items
        .map((item) =>
          item.kind === "choice" ? `(?:${emitRegex(item, unicode)})` : emitRegex(item, unicode),
        )
        .join("");
    case "choice":
      return regex.items.map((item) => emitRegex(item, unicode)).join("|");
    case "repeat": {
      const inner = emitRegex(regex.item, unicode);
      return `${regex.item.kind === "set" ? inner : `(?:${inner})`}${quantifier(regex.min, regex.max, regex.greedy)}`;
    }
    case "assert":
      return asserts[regex.assert];
  }
}
