import { describe, expect, it } from "vitest";
import { type PatternOptions, parsePattern } from "./index.ts";

describe("patterns", () => {
  it.each<[string, PatternOptions, string, unknown]>([
    [
      "From: {{sender:/\\S+@\\S+/}}\nSubject: {{subject:/.+/}}",
      {},
      "x\nFrom: a@example.org\nSubject: Hello there\nbody",
      { sender: "a@example.org", subject: "Hello there", $matched: true },
    ],
    ["ip={{ip:/[0-9.]+/}}", {}, "no address here", { $matched: false }],
    ["IP={{ip:/[0-9.]+/}}", { ignoreCase: true }, "ip=203.0.113.7", { ip: "203.0.113.7", $matched: true }],
    [
      "ip={{ip:/[0-9.]+/}} port={{port:/[0-9]+/}}",
      { captureAll: true },
      "ip=1.2.3.4 port=1, ip=5.6.7.8 port=22",
      { ip: ["1.2.3.4", "5.6.7.8"], port: ["1", "22"], $matched: true },
    ],
    ["ip={{ip:/[0-9.]+/}}", { captureAll: true }, "none", { ip: [], $matched: false }],
    [
      "a(b)?{{ x :/(c)(d)?/}}/{{the path:/[a-z]+\\/[a-z]+/}}",
      {},
      "a(b)?c/usr/bin",
      { x: "c", "the path": "usr/bin", $matched: true },
    ],
    ["{{a:/x{2}/}}", {}, "xx", { a: "xx", $matched: true }],
  ])("%j with %j", (pattern, options, text, expected) => {
    expect(parsePattern(pattern, options).match(text)).toEqual(expected);
  });

  it.each<[string, string, [number, number]]>([
    ["no hole", "The pattern has no name.", [1, 1]],
    ["a\n {{name}}", "A hole has a name and a regular expression.", [2, 2]],
    ["{{a:/x/", "The hole is not closed.", [1, 1]],
    ["{{a:/x/}}{{a:/y/}}", 'The name "a" stands twice.', [1, 10]],
    ["{{a:/(/}}", "Wrong regular expression: error parsing regexp: missing closing ): `(`.", [1, 1]],
    ["{{$matched:/x/}}", "A name begins with no $: such names are ours.", [1, 1]],
  ])("%j: %s", (pattern, message, [line, column]) => {
    expect(() => parsePattern(pattern)).toThrow(
      expect.objectContaining({ message, place: { line, column } }),
    );
  });

  it("runs in linear time and bounds its text", () => {
    const slow = parsePattern("{{a:/(x+x+)+y/}}");
    expect(slow.match("x".repeat(10_000))).toEqual({ $matched: false });
    expect(() => slow.match("x".repeat(70_000))).toThrow(
      expect.objectContaining({ code: "expression.failed" }),
    );
    const many = parsePattern("{{a:/x/}}", { captureAll: true }).match("x".repeat(5_000));
    expect(many["a"]).toHaveLength(1_000);
  });
});
