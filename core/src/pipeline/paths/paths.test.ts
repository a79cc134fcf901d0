import { describe, expect, it } from "vitest";
import { compilePath, deletePath, escapeSegment, type JsonObject, sanitizeName, setPath } from "./index.ts";

const root = JSON.parse(
  '{"a":{"b":[{"c":1},{"c":2},{"d":3}],"x.y":5,"0":"zero"},"n":null,"s":"text","@t":1,"__proto__":{"p":1}}',
) as JsonObject;

describe("reading a path", () => {
  it.each<[string, unknown]>([
    ["a.b.0.c", 1],
    ["a.b.9.c", undefined],
    ["a.b.x", undefined],
    ["a.b.#", 3],
    ["a.b.#.c", [1, 2]],
    ["a.x\\.y", 5],
    ["a.0", "zero"],
    ["n", null],
    ["n.x", undefined],
    ["s.length", undefined],
    ["a.b.length", undefined],
    ["@t", 1],
    ["__proto__.p", 1],
    ["a.__proto__", undefined],
    ["a.constructor", undefined],
    ["toString", undefined],
    ["", undefined],
    ["..", undefined],
  ])("%s", (path, expected) => {
    expect(compilePath(path).read(root)).toEqual(expected);
  });

  it("finds any key by its escaped name", () => {
    for (const key of ["a.b", "a\\b", "#", "*?|", "@x"]) {
      expect(compilePath(`o.${escapeSegment(key)}`).read({ o: { [key]: 1 } })).toBe(1);
    }
  });
});

describe("writing a path", () => {
  it.each<[object, string, object]>([
    [{}, "a.b.c", { a: { b: { c: 1 } } }],
    [{ a: 5 }, "a.b", { a: { b: 1 } }],
    [{ a: null }, "a.b", { a: { b: 1 } }],
    [{ a: [0] }, "a.0", { a: [1] }],
    [{ a: [0] }, "a.-1", { a: [0, 1] }],
    [{ a: [0] }, "a.2", { a: [0, null, 1] }],
    [{ a: [{ b: 0 }] }, "a.0.b", { a: [{ b: 1 }] }],
  ])("%j at %s", (before, path, after) => {
    const copy = structuredClone(before) as JsonObject;
    setPath(copy, path.split("."), 1);
    expect(copy).toEqual(after);
  });

  it("refuses names in lists, and places far behind their end", () => {
    expect(() => setPath({ a: [] }, ["a", "name"], 1)).toThrow("not a place in a list");
    expect(() => setPath({ a: [] }, ["a", "999999"], 1)).toThrow("not a place in a list");
  });

  it("removes what is there", () => {
    const object: JsonObject = { a: { b: 1, c: [1, 2] } };
    expect(deletePath(object, ["a", "b"])).toBe(true);
    expect(deletePath(object, ["a", "b"])).toBe(false);
    expect(deletePath(object, ["x", "y"])).toBe(false);
    expect(deletePath(object, ["a", "c", "0"])).toBe(true);
    expect(JSON.stringify(object)).toBe('{"a":{"c":[2]}}');
  });

  it.each<[string, readonly string[]]>([
    ["user-agent", ["useragent"]],
    ["a.b_c", ["a", "b_c"]],
    ["..a...b.", ["a", "b"]],
    ["größe.日本", ["größe", "日本"]],
    ["--", []],
    ["__proto__", ["proto"]],
    ["a b\t\u0000c", ["abc"]],
  ])("sanitizes %j", (name, segments) => {
    expect(sanitizeName(name)).toEqual(segments);
  });

  it("bounds the depth of names", () => {
    expect(sanitizeName(Array.from({ length: 100 }, () => "a").join("."))).toHaveLength(16);
  });
});
