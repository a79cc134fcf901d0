import fc from "fast-check";

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const joined = (parts: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(parts, { minLength: 1, maxLength }).map((all) => all.join(""));

const elements = [
  ...[
    "2006",
    "01",
    "02",
    "15",
    "04",
    "05",
    "Jan",
    "January",
    "Mon",
    "Monday",
    "1",
    "2",
    "_2",
    "06",
    "03",
    "3",
  ],
  ...[
    "PM",
    "pm",
    "4",
    "5",
    "-0700",
    "-07:00",
    "Z0700",
    "Z07:00",
    "-07",
    ".000",
    ".999",
    ",000",
    ".000000",
    "002",
  ],
];
const between = [" ", "-", "/", ":", "T", ", ", "", "  ", "at ", "."];
/** Layouts that tell the year; without one, ours takes the year of the log and Go takes the year 0. */
const layout = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...elements), fc.constantFrom(...between)), {
      minLength: 1,
      maxLength: 8,
    }),
    fc.nat(),
  )
  .map(([parts, at]) => {
    const all = [...parts];
    if (!all.some(([element]) => element === "2006" || element === "06"))
      all.splice(at % (all.length + 1), 0, ["2006", " "]);
    return all.flat().join("");
  });
const common = fc.constantFrom(
  "2006-01-02T15:04:05Z07:00",
  "02/Jan/2006:15:04:05 -0700",
  "Mon, 02 Jan 2006 15:04:05 -0700",
  "Mon Jan _2 15:04:05 2006",
  "2006-01-02 15:04:05.000",
  "2006/01/02 15:04:05",
  "Jan  2, 2006 3:04:05 PM",
  "20060102150405",
);
export const anyLayout = fc.oneof(layout, common);
/** A moment: seconds since 1970 and an offset in minutes. */
export const moment = fc.tuple(
  fc.integer({ min: -2_000_000_000, max: 4_000_000_000 }),
  fc.integer({ min: -12 * 4, max: 14 * 4 }).map((quarters) => quarters * 15),
);
/** What becomes of a text that fits: mostly nothing, else a character more, less or another. */
export const damage = fc.oneof(
  weighted(3, fc.constant(undefined)),
  weighted(1, fc.record({ at: fc.nat(), put: fc.constantFrom("", "0", "9", " ", "x", "Z", ":") })),
);

const key = fc.constantFrom("a", "b", "ab", "a.b", "0", "1", "*", "#", "n\\", "x|y", "\u00e9");
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, "", "a", "ab", "b*", "1", "true", "\u00e9", 'q"'),
  fc.integer({ min: -2, max: 12 }),
  fc.constantFrom(0.5, 1e21, -0.25, 1_234_567_890_123),
);
export const json = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 4 },
    weighted(3, leaf),
    weighted(2, tie("object")),
    weighted(2, fc.array(tie("value"), { maxLength: 4 })),
  ),
})).object;
const value = fc.constantFrom('"a"', '"ab"', "1", "0.5", "true", "false", "null", '"b*"', '"*"', "a", '""');
const operator = fc.constantFrom("==", "=", "!=", "<", "<=", ">", ">=", "%", "!%");
const query = fc
  .tuple(fc.constantFrom("", "a", "b", "a.b", "0"), operator, value, fc.constantFrom("", "#"))
  .map(([left, how, right, all]) => `#(${left}${how}${right})${all}`);
const component = fc.oneof(
  weighted(4, fc.constantFrom("a", "b", "ab", "0", "1", "2", "a\\.b", "\\*", "x\\|y", "\u00e9", "n\\\\")),
  weighted(1, fc.constantFrom("#", "a*", "?", "*", "*b", "a?")),
  weighted(1, query),
);
export const path = fc
  .array(fc.tuple(component, fc.constantFrom(".", ".", ".", "|")), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.flat().slice(0, -1).join(""))
  // gjson's own answer to a bar behind all matches of a query depends on whether there was one.
  .filter((text) => !/\)#.*\|/.test(text.replaceAll("x\\|y", "")));

const atom = fc.constantFrom(
  ...[
    "a",
    "b",
    "ab",
    "\\d",
    "\\w",
    "\\s",
    "\\S",
    ".",
    "[a-c]",
    "[^a]",
    "[[:alpha:]]",
    "\\.",
    "x",
    "\u00e9",
    "(?i)B",
  ],
  ...[
    "^",
    "$",
    "\\b",
    "\\B",
    "(?:ab|a)",
    "(a|ab)",
    "[0-9a-f]",
    "\\x41",
    "\\pL",
    "[\\w.-]",
    "(?s).",
    "(?m)^",
    "\\A",
    "\\z",
  ],
);
const repeated = fc
  .tuple(atom, fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}"))
  .filter(([what, times]) => times === "" || !/^(?:\^|\$|\\[bBAz]|\(\?[ims]\).*)$/.test(what))
  .map(([what, times]) => `${/^.$|^\\.$|^[[(]/u.test(what) || times === "" ? what : `(?:${what})`}${times}`);
const sequence = joined(repeated, 5);
export const pattern = fc.tuple(sequence, fc.option(sequence), fc.boolean()).map(([one, two, group]) => {
  const all = two === null ? one : `${one}|${two}`;
  return group ? `(?:${all})c?` : all;
});
export const subject = joined(
  fc.constantFrom(
    "a",
    "b",
    "ab",
    "A",
    "B",
    "c",
    "x",
    "0",
    "12",
    ".",
    "-",
    " ",
    "\n",
    "\u00e9",
    "\u{1f642}",
    "f",
    "_",
  ),
  10,
);

const cell = joined(fc.constantFrom("a", "b", '"', '""', " ", "x y", "\u00e9", "1"), 4);
export const csvLine = fc
  .array(
    fc.oneof(
      cell,
      fc.constant(""),
      cell.map((text) => `"${text.replaceAll('"', '""')}"`),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .chain((cells) => fc.constantFrom(",", ";", "|", "\t").map((separator) => ({ separator, cells })));

/** Whole numbers up to 2 to the power of 53, beyond which ours are not exact. */
const number = fc.oneof(
  fc.integer({ min: -3, max: 9 }).map(String),
  fc.constantFrom("0.5", "2.0", "4294967296", "3u", "0u", "-1.5", "1e3"),
);
const words = fc.constantFrom(
  '""',
  '"a"',
  '"ab"',
  '"B"',
  "'x y'",
  '"\u00e9"',
  '"a.b"',
  '"\\n"',
  'r"\\d+"',
  '"12"',
);
const truth = fc.constantFrom("true", "false");
export const expression = fc.letrec<{ bool: string; number: string; text: string; list: string }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 3 },
    weighted(4, number),
    weighted(
      1,
      fc
        .tuple(tie("number"), fc.constantFrom("+", "-", "*", "/", "%"), tie("number"))
        .map((all) => `(${all.join(" ")})`),
    ),
    weighted(
      1,
      tie("text").map((all) => `size(${all})`),
    ),
    weighted(
      1,
      tie("list").map((all) => `${all}.size()`),
    ),
    weighted(
      1,
      tie("text").map((all) => `int(${all})`),
    ),
    weighted(
      1,
      tie("number").map((all) => `double(${all})`),
    ),
    weighted(
      1,
      tie("number").map((all) => `-(${all})`),
    ),
  ),
  text: fc.oneof(
    { maxDepth: 3 },
    weighted(4, words),
    weighted(
      1,
      fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a} + ${b})`),
    ),
    weighted(
      1,
      tie("number").map((all) => `string(${all})`),
    ),
  ),
  list: fc.oneof(
    { maxDepth: 3 },
    fc.array(tie("number"), { maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
    fc.array(tie("text"), { minLength: 1, maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    weighted(2, truth),
    weighted(
      3,
      fc
        .tuple(tie("number"), fc.constantFrom("==", "!=", "<", "<=", ">", ">="), tie("number"))
        .map((all) => all.join(" ")),
    ),
    weighted(
      3,
      fc.tuple(tie("text"), fc.constantFrom("==", "!=", "<", ">="), tie("text")).map((all) => all.join(" ")),
    ),
    weighted(
      2,
      fc.tuple(tie("bool"), fc.constantFrom("&&", "||"), tie("bool")).map((all) => `(${all.join(" ")})`),
    ),
    weighted(
      1,
      tie("bool").map((all) => `!(${all})`),
    ),
    weighted(
      1,
      fc.tuple(tie("bool"), tie("bool"), tie("bool")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    ),
    weighted(
      1,
      fc
        .tuple(tie("text"), fc.constantFrom("contains", "startsWith", "endsWith", "matches"), words)
        .map(([a, f, b]) => `${a}.${f}(${b})`),
    ),
    weighted(
      1,
      fc.tuple(tie("number"), tie("list")).map(([a, b]) => `${a} in ${b}`),
    ),
    weighted(
      1,
      fc
        .tuple(
          tie("list"),
          fc.constantFrom("exists", "all", "exists_one"),
          fc.constantFrom("x == 1", 'x == "a"', "x > 0", "true"),
        )
        .map(([a, f, c]) => `${a}.${f}(x, ${c})`),
    ),
  ),
})).bool;
