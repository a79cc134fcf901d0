import type { Event } from "@vedette/sdk";
import fc from "fast-check";
import { at } from "./events.ts";

const texts = [
  "admin",
  "Admin",
  "/a/b/admin",
  "404",
  "0404",
  "4.04e2",
  " 404 ",
  "true",
  "x",
  "é",
  "10.0.0.5",
  // Texts within each other, in other cases, in more bytes than characters, and long ones.
  "min",
  "minmin/a",
  "ADMIN",
  "\u212aelvin kelvin",
  "kelvin kelvin",
  "a🙂b",
  "🙂",
  "\ufffd",
  "/b/admin".repeat(40),
];
const text = fc.constantFrom(...texts);
const number = fc.constantFrom(0, 1, -1, 404, 404.5, 2 ** 40);
const scalar = fc.oneof(text, number, fc.boolean());
const mixed = fc.oneof(
  scalar,
  fc.constant(""),
  fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 3 }),
  fc.array(number, { maxLength: 2 }),
  fc.record({ x: scalar, y: text }, { requiredKeys: [] }),
);
const present = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
const ip = fc.constantFrom("10.0.0.5", "192.0.2.1", "2001:db8::1", "not an ip");

/** Events of one data type with values of every kind, absent ones included. */
export const events = (dataType: string, maxLength: number): fc.Arbitrary<Event[]> =>
  fc
    .array(
      fc.record({
        action: present(text),
        statusCode: present(fc.constantFrom(0, 200, 404, 65_535)),
        deviceTime: present(fc.constantFrom(at(0), at(7_200_000))),
        origin: present(
          fc.record(
            {
              ip,
              port: fc.constantFrom(22, 404),
              user: text,
              bytesSent: number,
              packagesSent: fc.constantFrom("7", 404),
            },
            { requiredKeys: [] },
          ),
        ),
        errors: present(fc.array(text, { maxLength: 2 })),
        log: present(fc.record({ method: text, n: number, flag: fc.boolean(), mixed }, { requiredKeys: [] })),
      }),
      { minLength: 1, maxLength },
    )
    .map((list) =>
      list.map((event, i) => ({ id: `e${i}`, "@timestamp": at(i), dataType, ...event }) as Event),
    );

const paths = [
  "action",
  "statusCode",
  "deviceTime",
  "origin",
  "origin.ip",
  "origin.port",
  "origin.user",
  "origin.bytesSent",
  "origin.packagesSent",
  "errors",
  "errors.0",
  "errors.#",
  "log",
  "log.method",
  "log.n",
  "log.flag",
  "log.mixed",
  "log.mixed.0",
  "log.mixed.x",
  "log.mixed.y",
  "log.absent",
  "target.ip",
  "nothing",
  "log.mixed\\.x",
];
const path = fc.constantFrom(...paths);
const quoted = (value: unknown) => JSON.stringify(value);
const literal = fc.oneof(
  text.map(quoted),
  fc.constantFrom(0, 1, 404, 200.5).map(String),
  fc.boolean().map(String),
);
const literals = fc.array(literal, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`);
const textList = fc.array(text, { maxLength: 3 }).map(quoted);
const call = (name: string, ...args: fc.Arbitrary<string>[]) =>
  fc.tuple(path.map(quoted), ...args).map((all) => `${name}(${all.join(", ")})`);
const field = fc.constantFrom(
  "action",
  "statusCode",
  "origin.ip",
  "log.method",
  "log.n",
  "log.mixed",
  "log.mixed.x",
  "log.flag",
);

const condition: fc.Arbitrary<string> = fc.oneof(
  call("exists"),
  call("equals", literal),
  call("oneOf", literals),
  call("equalsIgnoreCase", text.map(quoted)),
  call("contains", fc.oneof(text.map(quoted), textList)),
  call("containsAll", textList),
  call("startsWith", fc.oneof(text.map(quoted), textList)),
  call("endsWith", text.map(quoted)),
  call("inList", fc.oneof(textList, fc.constantFrom('"admin, 404 , é"'))),
  call(
    "regexMatch",
    fc.constantFrom(
      '"^[aA]d"',
      '"4.4"',
      '"("',
      '"(?i)kelvin|admin$"',
      '"(?:/b/admin){3}"',
      '"mi(n|k)+.?/a"',
      '"[^a-z]🙂?b"',
    ),
  ),
  fc
    .tuple(field, fc.constantFrom("contains", "startsWith", "endsWith", "matches"), text)
    .map(
      ([name, method, value]) =>
        `${name}.${method}(${quoted(method === "matches" ? value.replaceAll(/[.*+?()[\]|]/g, ".") : value)})`,
    ),
  call("inCIDR", fc.constantFrom('"10.0.0.0/8"', '"nonsense"')),
  call(
    "lessThan",
    literal.filter((each) => !/true|false/.test(each)),
  ),
  call("greaterOrEqual", fc.constantFrom("404", '"10"')),
  call("isBetweenTime", fc.constant('"11:00", "13:00"')),
  fc.tuple(field, fc.constantFrom("==", "!=", "<", ">="), literal).map((parts) => parts.join(" ")),
  fc.tuple(field, field).map(([a, b]) => `${a} == ${b}`),
  fc.tuple(field, literals).map(([a, list]) => `${a} in ${list}`),
  fc.constantFrom(
    "has(log.mixed.x)",
    "log.flag",
    "log.method",
    "true",
    "1 / statusCode > 0",
    "log.mixed == null",
  ),
  fc.constantFrom("1 / 0 > 0", 'safe("log.n", 5) > 3', 'size("é") == 1', 'log.method.startsWith("ad")'),
);

/** CEL expressions over those events: every function, faults, absent fields and plain nonsense included. */
export const expressions: fc.Arbitrary<string> = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    condition,
    fc
      .tuple(fc.array(tie("expr"), { minLength: 2, maxLength: 3 }), fc.constantFrom("&&", "||"))
      .map(([parts, operator]) => `(${parts.join(` ${operator} `)})`),
    tie("expr").map((expr) => `!(${expr})`),
    fc.tuple(tie("expr"), tie("expr"), tie("expr")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
})).expr;
