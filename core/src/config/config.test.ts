import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, checkConfig, formatProblem, nearest, parseSource, substitute } from "./index.ts";

const schema = z.strictObject({
  agent: z.strictObject({
    stateDir: z.string(),
    mode: z.enum(["block", "dropOldest"]).default("block"),
    inputs: z
      .array(
        z.discriminatedUnion("type", [
          z.strictObject({
            type: z.literal("file"),
            include: z.array(z.string()).min(1),
            maxLineBytes: z.int().max(1000).optional(),
          }),
          z.strictObject({ type: z.literal("exec"), command: z.string() }),
        ]),
      )
      .default([]),
  }),
});

const problemsOf = (text: string): string[] => {
  const checked = checkConfig(schema, parseSource(text, "v.yaml"));
  return checked.ok ? [] : checked.problems.map(formatProblem);
};

describe("a configuration file", () => {
  it.each([
    [
      "an unknown key",
      "agent:\n  stateDir: x\n  stat_dir: y\n",
      ['v.yaml:3:3: agent.stat_dir: Unknown key "stat_dir". Did you mean "stateDir"?'],
    ],
    ["a wrong type", "agent:\n  stateDir: [1]\n", ["v.yaml:2:13: agent.stateDir: A list is not text."]],
    [
      "a key of another kind of input",
      "agent: {stateDir: x, inputs: [{type: exec, command: ls, includ: [a]}]}\n",
      ['v.yaml:1:57: agent.inputs[0].includ: Unknown key "includ". Known: type, command.'],
    ],
    [
      "an unknown kind of input",
      "agent: {stateDir: x, inputs: [{type: exce, command: ls}]}\n",
      ['v.yaml:1:38: agent.inputs[0].type: "exce" is not one of file, exec. Did you mean "exec"?'],
    ],
    [
      "an input without its kind",
      "agent: {stateDir: x, inputs: [{command: ls}]}\n",
      ["v.yaml:1:31: agent.inputs[0].type: Missing; one of file, exec is needed."],
    ],
    ["a missing key", "agent: {}\n", ["v.yaml:1:8: agent.stateDir: Missing; text is needed."]],
    [
      "a wrong choice",
      "agent:\n  stateDir: x\n  mode: blok\n",
      ['v.yaml:3:9: agent.mode: "blok" is not one of block, dropOldest. Did you mean "block"?'],
    ],
    [
      "a key deep in a list of variants",
      "agent:\n  stateDir: x\n  inputs:\n    - type: file\n      include: [a]\n      maxLinebytes: 5\n",
      ['v.yaml:6:7: agent.inputs[0].maxLinebytes: Unknown key "maxLinebytes". Did you mean "maxLineBytes"?'],
    ],
    [
      "a number out of range",
      "agent:\n  stateDir: x\n  inputs: [{type: file, include: [a], maxLineBytes: 5000}]\n",
      ["v.yaml:3:53: agent.inputs[0].maxLineBytes: Too big: expected number to be <=1000, got 5000."],
    ],
  ])("is told about %s with its place and cure", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it.each([
    ["bad syntax", "agent: [1, 2\nx: 3\n", /^v\.yaml:\d+:\d+: \S/],
    ["a key given twice", "a: 1\na: 2\n", /^v\.yaml:2:1: Map keys must be unique\.$/],
    ["two documents", "a: 1\n---\nb: 2\n", /one YAML document/],
    ["an alias in what it stands for", "a: &x\n  b: [1, *x]\n", /^v\.yaml:1:1: An alias lies in what/],
    [
      "a bomb of aliases",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
        .split("")
        .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`)
        .join("\n")}\n`,
      /alias/i,
    ],
  ])("that does not parse is refused: %s", (_, text, expected) => {
    expect(() => parseSource(text, "v.yaml")).toThrow(expected);
    expect(() => parseSource(text, "v.yaml")).toThrow(ConfigError);
  });

  it("takes values from the environment and names the variables it misses", () => {
    const source = parseSource("a: ${HOME_DIR}/x\nb: ${NO:-five}\nc: ${GONE}\n", "v.yaml");
    expect(() => substitute(source, { HOME_DIR: "/h" })).toThrow(
      /^v\.yaml:3:4: The environment variable GONE is not set/,
    );
    expect(substitute(source, { HOME_DIR: "/h", GONE: "1" }).value).toEqual({ a: "/h/x", b: "five", c: "1" });
  });

  it("takes secrets from who has them, with the place of each", () => {
    const source = parseSource(
      "a: {b: '${secret:x.y}!', c: ['${secret:gone}']}\nd: ${secret:-env}\n",
      "v.yaml",
    );
    const asked: unknown[] = [];
    const lookup = (name: string, path: readonly string[]) => {
      asked.push([name, ...path]);
      return name === "x.y" ? { text: "${secret:gone} $& s" } : undefined;
    };
    expect(substitute(source, {}, lookup).value).toEqual({
      ...{ a: { b: "${secret:gone} $& s!", c: ["${secret:gone}"] }, d: "env" },
    });
    expect(asked).toEqual([
      ["x.y", "a", "b"],
      ["gone", "a", "c"],
    ]);
    expect(() => substitute(source, {})).toThrow(/^v\.yaml:1:8: The secret x\.y is not known here/);
  });

  it("may be empty", () => {
    expect(parseSource("", "v.yaml").value).toEqual({});
  });
});

describe("a suggestion", () => {
  it.each([
    ["field_name", "fieldName"],
    ["sevrity", "severity"],
    ["zzz", undefined],
  ])("for %s is %s", (word, expected) => {
    expect(nearest(word, ["fieldName", "severity", "action"])).toBe(expected);
  });
});
