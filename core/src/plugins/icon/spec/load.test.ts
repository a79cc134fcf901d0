import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSpec } from "./load.ts";
import { componentsOf } from "./model.ts";

const told = (text: string): string[] =>
  parseSpec(text, "plugin.spec.yaml").problems.map(({ line, column, rule }) => `${line}:${column} ${rule}`);

const action = (field: string): string => `actions:
  look:
    title: Look
    input:
      address:
${field.replaceAll(/^/gm, "        ")}
    output: {}
`;

const field = (text: string) => parseSpec(action(text), "s").spec.actions.get("look")?.input.get("address");

describe("what real specs hold", () => {
  it("takes times, words and odd numbers for what was written, and tells their place", () => {
    expect(field("type: string\nexample: 2023-05-21T20:15:01Z")).toMatchObject({
      example: "2023-05-21T20:15:01Z",
    });
    expect(told(action("type: string\nexample: 2023-05-21T20:15:01Z"))).toEqual(["7:18 yaml.timestamp"]);
    expect(told(action("type: string\ndefault: 12:30"))).toEqual(["7:18 yaml.sexagesimal"]);
    expect(field("type: boolean\ndefault: yes\nrequired: on")).toMatchObject({
      default: true,
      required: true,
    });
    expect(field("type: integer\nenum: [010, 0x1F, 1_000, -3, 1.5]")).toMatchObject({
      enum: [8, 31, 1000, -3, 1.5],
    });
    expect(field("type: string\ndefault: '1.10'\ntitle: 1.10")).toMatchObject({
      default: "1.10",
      title: "1.10",
    });
  });

  it("keeps versions as text, however they are written", () => {
    expect(parseSpec("version: 1.10\nname: on", "s").spec).toMatchObject({ version: "1.10", name: "on" });
  });

  it("takes boolean keys for text and the last of two equal keys", () => {
    const text =
      "types:\n  t:\n    on: { type: string }\n    a: { type: string }\n    a: { type: integer }\n";
    const { spec } = parseSpec(text, "s");
    expect([...(spec.types.get("t")?.keys() ?? [])]).toEqual(["on", "a"]);
    expect(spec.types.get("t")?.get("a")?.type).toEqual({ kind: "builtin", name: "integer" });
    expect(told(text)).toEqual(["3:5 yaml.boolean_key", "5:5 yaml.duplicate_key"]);
  });

  it("takes unknown and dangling types for any value, with what was meant", () => {
    const { problems } = parseSpec(`${action("type: integar")}types:\n  alert: {}\n`, "s");
    expect(problems).toMatchObject([
      { rule: "type.unknown", line: 6, suggestion: 'Did you mean "integer"?' },
    ]);
    const dangling = parseSpec(`${action('type: "[]Alert"')}types:\n  alert: {}\n`, "s");
    expect(dangling.problems).toMatchObject([{ rule: "type.unknown", suggestion: 'Did you mean "alert"?' }]);
    expect(told(action("title: A"))).toEqual(["5:7 type.missing"]);
  });

  it("takes a misspelt property for what it nearly is called", () => {
    expect(field("type: string\ndecription: What\nreuiqred: true\nExample: x\ntitler: T")).toMatchObject({
      description: "What",
      required: true,
      example: "x",
      title: "T",
    });
    expect(field("type: string\nzzzzzz: 1")).toMatchObject({ type: { kind: "builtin", name: "string" } });
  });

  it("reads a literal true alone as required", () => {
    for (const word of ["'true'", "1", "False", "null"])
      expect(field(`type: string\nrequired: ${word}`)).toMatchObject({ required: false });
  });

  it("lives without sections, and with sections that are none", () => {
    expect(componentsOf(parseSpec("name: x", "s").spec)).toEqual([]);
    expect(told("actions: 7\ntriggers: []\ntasks:\nconnection: x\ntypes: y")).toEqual([
      "1:10 spec.shape",
      "2:11 spec.shape",
      "4:13 spec.shape",
      "5:8 spec.shape",
    ]);
    expect(told("actions:\n  a: 1\n  b: { input: 3, output: { f: text } }")).toEqual([
      "2:3 spec.shape",
      "3:15 spec.shape",
      "3:28 spec.shape",
    ]);
  });

  it("knows anchors, aliases and merges", () => {
    const text =
      "x: &f { title: T, type: string }\nactions:\n  a:\n    input:\n      p: { <<: *f, type: integer }\n      q: *f\n";
    const input = parseSpec(text, "s").spec.actions.get("a")?.input;
    expect(input?.get("p")).toMatchObject({ title: "T", type: { name: "integer" } });
    expect(input?.get("q")).toMatchObject({ title: "T", type: { name: "string" } });
  });
});

describe("hostile files", () => {
  it.each([
    ["empty", ""],
    ["only a comment", "# x"],
    ["a list", "- a\n- b"],
    ["two documents", "a: 1\n---\nb: 2"],
    ["tabs", "a:\n\tb: 1"],
    ["an open quote", 'a: "x'],
    ["an open bracket", "a: [1, {b: "],
    ["zero bytes", "a: \0\0\nb: 1"],
    ["a tag that runs code elsewhere", "name: !!python/object/apply:os.system [id]"],
    ["a map as a key", "? {a: 1}\n: 2\nactions: {}"],
    ["a missing anchor", "name: *nowhere\nactions: {}"],
    ["an alias of itself", "actions: &a\n  b: *a\n"],
    ["thousands of brackets", "a: ".concat("[".repeat(20_000))],
    ["deep maps", Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    [
      "names of prototypes",
      "actions:\n  __proto__: { input: { __proto__: { type: string }, constructor: { type: x } } }",
    ],
    ["lists in lists", action(`type: "${"[]".repeat(5_000)}string"`)],
  ])("%s: told, never thrown", (_name, text) => {
    const { spec, problems } = parseSpec(text, "s");
    expect(spec.file).toBe("s");
    expect(Array.isArray(problems)).toBe(true);
  });

  it("bounds what aliases multiply", () => {
    const laughs = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 10; i++) {
      const [from, to] = [String.fromCharCode(96 + i), String.fromCharCode(97 + i)];
      laughs.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(",")}]`);
    }
    expect(told(laughs.join("\n")).some((each) => each.endsWith("yaml.limits"))).toBe(true);
  });

  it("takes one pass for a great many aliases", () => {
    const text = `a: &a 1\nb: [${"*a, ".repeat(50_000)}]\n`;
    expect(parseSpec(text, "s").spec.source.entries.get("b")?.value).toMatchObject({ kind: "list" });
  });

  it("bounds what it tells", () => {
    const text = `types:\n  t:\n${Array.from({ length: 5_000 }, (_, i) => `    f${i}: { typo: string }`).join("\n")}`;
    expect(parseSpec(text, "s").problems).toHaveLength(2_001);
  });

  it("never throws on text of any kind", () => {
    const piece = fc.constantFrom(
      "actions:",
      "types:",
      " ",
      "\n",
      "  ",
      "a:",
      "- ",
      "&a ",
      "*a",
      "[",
      "]",
      "{",
      "}",
      '"',
      "'",
      "!!x ",
      "<<: ",
      "? ",
      ": ",
      "on",
      "type: ",
      "string",
      "[]",
      "|\n",
      ">-\n",
      "#",
      "\t",
      "2020-01-01",
      "0x",
      "---\n",
      "é",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(() => parseSpec(pieces.join(""), "s")).not.toThrow();
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void parseSpec(text, "s")),
    );
  });
});
