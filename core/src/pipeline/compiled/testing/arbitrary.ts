import fc from "fast-check";
import { name, readable, scalar, word } from "./words.ts";

const text = (value: unknown): string => JSON.stringify(value);
const atom = fc.oneof(
  readable.map((path) => `exists(${text(path)})`),
  fc.constantFrom('exists("log")', '!exists("origin")'),
  fc.tuple(readable, scalar).map(([path, value]) => `equals(${text(path)}, ${text(value)})`),
  fc
    .tuple(readable, fc.array(scalar, { maxLength: 4 }))
    .map(([path, list]) => `oneOf(${text(path)}, ${text(list)})`),
  fc
    .tuple(
      fc.constantFrom("startsWith", "endsWith", "contains"),
      readable,
      fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 4 })),
    )
    .map(([call, path, value]) => `${call}(${text(path)}, ${text(value)})`),
  fc
    .tuple(
      fc.constantFrom("lessThan", "greaterThan", "lessOrEqual", "greaterOrEqual"),
      readable,
      fc.constantFrom(0, 1, 80, 403, 1.5, "403", "12345678901234567890"),
    )
    .map(([call, path, value]) => `${call}(${text(path)}, ${text(value)})`),
  fc
    .tuple(
      readable,
      fc.constantFrom("^[0-9]+$", "^[A-Z]", "^(?:a|x)? ?b$", "^[^ ]*[ :]", "[0-9]$", "^.*x$", "^$"),
    )
    .map(([path, regex]) => `regexMatch(${text(path)}, ${text(regex)})`),
  fc
    .tuple(name, fc.constantFrom("==", "!=", "<", ">="), scalar)
    .map(([path, operator, value]) => `${path.replaceAll(/\.(\d)/g, "[$1]")} ${operator} ${text(value)}`),
  name.map((path) => `has(origin.ip) && ${path.replaceAll(/\.(\d)/g, "[$1]")} in ["x", 403]`),
  fc.constantFrom(
    "1 / 0 == 1",
    'safe("statusCode", 0) > 300',
    "size(log) > 1",
    'log.exists(k, k == "a")',
    'action.matches("x")',
  ),
);
const condition = fc.oneof(
  { weight: 3, arbitrary: atom },
  atom.map((a) => `!(${a})`),
  fc.tuple(atom, fc.constantFrom("&&", "||"), atom).map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
  fc.tuple(atom, atom, atom).map(([a, b, c]) => `!(${a}) && ((${b}) || (${c}))`),
);
const where = fc.option(condition, { nil: undefined, freq: 2 });

const patterns = fc.array(
  fc.record({
    fieldName: fc.oneof(fc.constant(""), name),
    pattern: fc.constantFrom(
      "[0-9]+",
      "\\S+",
      "[a-z]*",
      ".*",
      "{{.ipv4}}",
      '"[^"]*"',
      "-",
      "(?:\\w+\\.)*\\w+",
      "\\{",
      "[^ ]+ ",
      "\\S+(?: |$)",
      '"(?:[^"\\\\]|\\\\.)*"(?: |$)',
      "[0-9]{3}(?: |$)",
      '[^"]*\\[',
      ".* ",
      "[0-9]{2}:[0-9]{2}",
      "x ",
      "[a-z0-9]{1,3}",
      "[^?]+",
      "(?:[0-9]+|-)x",
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      add: fc.record({
        function: fc.constant("string"),
        params: fc.record({ key: name, value: fc.oneof(word, scalar, fc.constant([1, { a: 1 }])) }),
        where,
      }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ grok: fc.record({ source: readable, patterns, where }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      rename: fc.record({ from: fc.array(name, { minLength: 1, maxLength: 3 }), to: name, where }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      delete: fc.record({ fields: fc.array(name, { minLength: 1, maxLength: 3 }), where }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      cast: fc.record({
        fields: fc.array(name, { minLength: 1, maxLength: 3 }),
        to: fc.constantFrom("int", "float", "string", "bool", "[]string"),
        where,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      trim: fc
        .record({
          function: fc.constantFrom("prefix", "suffix", "substring", "regex", "space"),
          substring: fc.constantFrom<string>("x", "[", '"', "0"),
          fields: fc.array(name, { minLength: 1, maxLength: 3 }),
          where,
        })
        .chain((options) =>
          options.function === "regex"
            ? fc
                .constantFrom<string>("[0-9x]", "^[0-9x]", "^[^ ]*", "^(?:a|info) ?", "^.* ")
                .map((substring) => ({ ...options, substring }))
            : fc.constant(options),
        ),
    }),
  },
  fc.record({
    reformat: fc.record({
      fields: fc.array(name, { minLength: 1, maxLength: 2 }),
      function: fc.constant("time"),
      fromFormat: fc.constantFrom("02/Jan/2006:15:04:05 -0700", "RFC3339"),
      toFormat: fc.constantFrom("RFC3339", "UnixMilli"),
      where,
    }),
  }),
  { weight: 2, arbitrary: fc.record({ json: fc.record({ source: readable, where }) }) },
  fc.record({
    kv: fc.record({ source: readable, fieldSplit: fc.constant(" "), valueSplit: fc.constant("="), where }),
  }),
  fc.record({
    csv: fc.record({
      source: readable,
      headers: fc.array(fc.oneof(name, fc.constant("")), { minLength: 1, maxLength: 4 }),
      where,
    }),
  }),
  fc.record({ drop: fc.record({ where: condition }) }),
);

/** Kinds that have no native form, some with steps inside. */
const others = fc.oneof(
  fc.record({
    set: fc.record({
      fields: fc.dictionary(
        name,
        fc.oneof(word, fc.constantFrom("{{log.a}}", "{{origin.ip}}:{{statusCode}}", 5)),
        { minKeys: 1, maxKeys: 3 },
      ),
      where,
    }),
  }),
  fc.record({
    split: fc.record({ source: readable, separator: fc.constantFrom(" ", ","), target: name, where }),
  }),
  fc.record({ expand: fc.record({ source: readable, to: name, where }) }),
  fc.record({ syslog: fc.record({ source: readable, where }) }),
  fc.record({
    date: fc.record({ source: readable, layouts: fc.constant(["RFC3339", "UNIX"]), target: name, where }),
  }),
  fc.record({
    foreach: fc.record({ source: name, steps: fc.array(step, { minLength: 1, maxLength: 2 }), where }),
  }),
  fc.record({
    switch: fc.record({
      cases: fc.array(
        fc.record({ where: condition, steps: fc.array(step, { minLength: 1, maxLength: 2 }) }),
        { minLength: 1, maxLength: 3 },
      ),
      where,
    }),
  }),
);
const failing = fc
  .tuple(
    step,
    fc.oneof(fc.constantFrom("continue", "drop", "tag"), fc.array(step, { minLength: 1, maxLength: 2 })),
  )
  .map(([one, onError]) =>
    Object.fromEntries(Object.entries(one).map(([kind, options]) => [kind, { ...options, onError }])),
  );

/** A pipeline for the data type `test`, as the text of its file. */
export const pipelines = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: step },
        { weight: 1, arbitrary: others },
        { weight: 1, arbitrary: failing },
      ),
      {
        minLength: 1,
        maxLength: 10,
      },
    ),
    fc.constantFrom(false, false, false, true),
  )
  .map(([steps, strict]) => JSON.stringify({ strict, pipeline: [{ dataTypes: ["test"], steps }] }));

const keys = [
  "a",
  "b",
  "c",
  "x",
  "y",
  "log",
  "origin",
  "list",
  "k",
  "a.x",
  "statusCode",
  "unmapped",
  "user-agent",
  "__proto__",
  "0",
  "_overflow",
  "-",
];
const { json } = fc.letrec((tie) => ({
  item: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("item"), { maxLength: 3 }),
    tie("json"),
  ),
  json: fc.dictionary(fc.constantFrom(...keys), tie("item"), { maxKeys: 5 }),
}));
const tokens = fc.array(
  fc.oneof(
    word,
    fc.tuple(fc.constantFrom(...keys), word).map(([key, value]) => `${key}=${value}`),
  ),
  { maxLength: 6 },
);

/** A line of a log. */
export const lines = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  tokens.map((parts) => parts.join(" ")),
  tokens.map((parts) => parts.join(",")),
  fc.string({ maxLength: 40 }),
);

/** One grok step, as the text of a file: most lines go through it without an expression. */
export const cuts = patterns.map((parts) =>
  JSON.stringify({ pipeline: [{ dataTypes: ["test"], steps: [{ grok: { patterns: parts } }] }] }),
);

const pieces = [
  "403 ",
  "- ",
  "[",
  "]",
  '"',
  '\\"',
  " ",
  "x",
  "12",
  ":",
  "34",
  "ab",
  "?",
  "\n",
  "\t",
  "é",
  "\u00a0",
  "😀",
  "192.0.2.1",
];

/** Lines of what the parts of such a step look for, in any order. */
export const shreds = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((list) => list.join(""));

const members = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom("a", "b", "c", "user-agent", "x.y", "10", "__proto__", "statusCode", "-", "a b"),
    fc.oneof(
      word,
      fc.constantFrom(
        "2026-10-10T12:00:01.123Z",
        "2026-13-10T12:00:01Z",
        "2026-02-30T23:59:60Z",
        "2026-10-10T12:00:01.1Z",
      ),
      fc.constantFrom("", " x ", "192.0.2.1", "q\\", 'a"b', "\t"),
      fc.constantFrom(0, -0, 7, -12, 1.5, 1e21, 123_456_789_012_345, null, true, false),
      fc.constantFrom([1], { a: 1 }, {}),
    ),
  ),
  { maxLength: 6, selector: ([key]) => key },
);

/** Lines that are mostly flat JSON: with other spaces, a key twice, cut off, or with a character too many. */
export const flatJson = fc
  .tuple(
    members,
    fc.constantFrom("", "", " ", "\n"),
    fc.nat(40),
    fc.constantFrom("", "", "", '"', "}", ",", "0", "\\", "é"),
  )
  .map(([list, space, at, extra]) => {
    const parts = list.map(([key, value]) => `${text(key)}${space}:${space}${text(value)}`);
    const line = `{${space}${parts.join(`,${space}`)}${space}}`;
    return extra === "" ? line : `${line.slice(0, at)}${extra}${line.slice(at)}`;
  })
  .chain((line) => fc.constantFrom(line, line, line, line.slice(0, -1), line.replace("{", '{"a":1,')));
