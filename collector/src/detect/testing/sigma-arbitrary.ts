import fc from "fast-check";

const fields = [
  "action",
  "statusCode",
  "deviceTime",
  "origin.ip",
  "origin.port",
  "origin.user",
  "errors",
  "method",
  "log.method",
  "n",
  "flag",
  "mixed",
  "mixed.x",
  "mixed.y",
  "absent",
];
const text = fc.constantFrom(
  ...[
    "admin",
    "ADMIN",
    "min",
    "*min*",
    "a?min",
    "*/a/*",
    "/a/b/admin",
    "404",
    "4*",
    "true",
    "x",
    "é",
    "*é",
    "",
    "*",
  ],
  ...[
    "\\*",
    "b\\",
    "*b\\*",
    "*b\\\\*",
    "kelvin",
    "\u212aelvin*",
    "*kelvin kelvin",
    "a🙂b",
    "a?b",
    "🙂",
    "10.0.0.5",
    "*/b/admin",
    "?",
  ],
);
const scalar = fc.oneof(
  { weight: 5, arbitrary: text },
  fc.constantFrom<unknown>(0, 1, 404, 404.5, true, null),
);
const list = fc.array(scalar, { minLength: 1, maxLength: 4 });
const texts = fc.array(text, { minLength: 1, maxLength: 4 });

const anchor = fc.constantFrom("", "|contains", "|startswith", "|endswith");
const flag = (name: string) => fc.constantFrom("", "", "", name);
const field = fc.constantFrom(...fields);

const entry = (name: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>) => fc.tuple(name, value);
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(""));

const item = fc.oneof(
  { weight: 4, arbitrary: entry(joined(field, anchor, flag("|cased"), flag("|neq")), list) },
  entry(joined(field, anchor, fc.constant("|all")), texts),
  entry(joined(field, fc.constant("|contains|windash")), fc.constantFrom<unknown>("-b", ["/a/b", "x"])),
  entry(joined(field, fc.constant("|base64offset|contains")), fc.constantFrom<unknown>("admin", "x")),
  entry(
    joined(field, fc.constant("|re"), fc.constantFrom("", "|i")),
    fc.constantFrom<unknown>(
      "^[aA]d",
      "4.4",
      "kelvin|admin$",
      ["(?:/b/admin){3}", "mi(n|k)+.?/a"],
      "[^a-z]🙂?b",
    ),
  ),
  entry(
    joined(field, fc.constant("|cidr")),
    fc.constantFrom<unknown>("10.0.0.0/8", ["2001:db8::/32", "192.0.2.0/24"]),
  ),
  entry(joined(field, fc.constant("|exists")), fc.boolean()),
  entry(
    joined(field, fc.constantFrom("|gt", "|gte", "|lt", "|lte")),
    fc.constantFrom<unknown>(404, 1, "200"),
  ),
  entry(joined(field, fc.constant("|fieldref"), flag("|contains")), field),
  entry(
    joined(fc.constant("deviceTime"), fc.constantFrom("|hour", "|hour|gt", "|minute")),
    fc.constantFrom(12, 0),
  ),
);
const map = fc.array(item, { minLength: 1, maxLength: 3 }).map((entries) => Object.fromEntries(entries));
const keywords = fc.array(
  text.filter((each) => each !== ""),
  { minLength: 1, maxLength: 3 },
);
const part = fc.oneof(
  { weight: 6, arbitrary: map },
  fc.array(map, { minLength: 1, maxLength: 3 }),
  keywords as fc.Arbitrary<unknown>,
);

const condition = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("a1", "a2", "b", "1 of a*", "all of a*", "1 of them", "all of them"),
    fc
      .tuple(fc.array(tie("expr"), { minLength: 2, maxLength: 3 }), fc.constantFrom("and", "or"))
      .map(([parts, operator]) => `(${parts.join(` ${operator} `)})`),
    tie("expr").map((expr) => `not ${expr}`),
  ),
})).expr;

/** Sigma rules over the events of `arbitrary.ts`: every modifier, lists, maps, keywords and nested conditions. */
export const sigmaRules: fc.Arbitrary<object[]> = fc
  .array(fc.record({ a1: part, a2: part, b: part, condition }), { minLength: 1, maxLength: 6 })
  .map((all) =>
    all.map((detection, i) => ({
      title: `rule ${i}`,
      id: `rule ${i}`,
      logsource: { category: "test" },
      detection,
      vedette: { dataTypes: ["test"] },
    })),
  );
