import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compilePath,
  compileWrite,
  deletePath,
  escapeSegment,
  type JsonObject,
  PathError,
  sanitizeName,
  sanitizeValue,
  setPath,
} from "./index.ts";

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
    for (const key of ["a.b", "a\\b", "#", "*?|", "@x", "@this", "[x", "{x", "!x", "#(x", "a|b"]) {
      expect(compilePath(`o.${escapeSegment(key)}`).read({ o: { [key]: 1 } })).toBe(1);
    }
  });
});

describe("a path of many wildcards", () => {
  it("is compiled in a time that does not double with each", () => {
    expect(compilePath(`${"*.".repeat(400)}a`).read({ x: { y: { a: 1 } } })).toBeUndefined();
    expect(compilePath("*.*.a").read({ x: { y: { b: 2 }, z: { a: 1 } } })).toBe(1);
  });
});

describe("names of a JSON text", () => {
  it.each<[string, unknown]>([
    ['{"a":{"k":[],"k.x":1}}', { a: { k: { x: 1 } } }],
    ['{"k":[1],"k.0":2}', { k: [2] }],
    ['{"k":[1],"k.99999":2}', { k: { "99999": 2 } }],
    ['{"k":3,"k.x":1}', { k: { x: 1 } }],
    ['{"k.x":1,"k":2}', { k: 2 }],
  ])("%s", (text, expected) => {
    expect(sanitizeValue(JSON.parse(text))).toEqual(expected);
  });
});

describe("a path of gjson", () => {
  // The example of gjson's own documentation of its syntax, told anew.
  const document = {
    name: { first: "Ada", last: "Byron" },
    age: 37,
    children: ["Anne", "Ralph", "Byron"],
    "fav.movie": "x",
    friends: [
      { first: "Dora", last: "Murphy", age: 44, nets: ["ig", "fb"], ok: true },
      { first: "Rob", last: "Craig", age: 68, nets: ["fb", "tw"] },
      { first: "Jane", last: "Murphy", age: 47, nets: ["ig", "tw"], ok: false, none: null },
    ],
  };
  it.each<[string, unknown]>([
    ["child*.2", "Byron"],
    ["c?ildren.0", "Anne"],
    ["nam*.*st", "Ada"],
    ["*.none", undefined],
    ["fav\\.movie", "x"],
    ["fa*\\.mo*", "x"],
    ['friends.#(last=="Murphy").first', "Dora"],
    ['friends.#(last=="Murphy")#.first', ["Dora", "Jane"]],
    ['friends.#(last="Murphy")#.first', ["Dora", "Jane"]],
    ["friends.#(last==Craig).first", "Rob"],
    ["friends.#(age>45)#.last", ["Craig", "Murphy"]],
    ["friends.#(age<=47)#.age", [44, 47]],
    ['friends.#(first%"D*").last', "Murphy"],
    ['friends.#(first!%"D*").last', "Craig"],
    ['friends.#(nets.#(=="tw"))#.first', ["Rob", "Jane"]],
    ['children.#(!="Anne")', "Ralph"],
    ['children.#(%"*a*")#', ["Ralph"]],
    ["friends.#(ok).first", "Dora"],
    ["friends.#(ok)#.ok", [true, false]],
    ["friends.#(ok==false).first", "Jane"],
    ["friends.#(none==null).first", undefined],
    ["friends.#(age==x)", undefined],
    ["friends.#.nets.#", [2, 2, 2]],
    ["friends.#.nets|0", ["ig", "fb"]],
    ["friends.#.nets.0", ["ig", "fb", "ig"]],
    ["friends.#(age>45)#|#", 2],
    ["friends|1.first", "Rob"],
    ["friends.#(age>45)#.none", [null]],
    ['name.#(first=="Ada")', undefined],
    ['friends.#(first=="a.b|c)").age', undefined],
  ])("%s", (path, expected) => {
    expect(compilePath(path).read(document)).toEqual(expected);
  });

  it.each([
    ["friends|@reverse", 'The modifier "@reverse" in "friends|@reverse" is not supported'],
    ["@this.name", "modifier"],
    ["{name,age}", "several paths"],
    ["friends.[first,last]", "several paths"],
    ['!"x"', "a value in place of a path"],
    ["friends.#(age", "is not closed"],
    ["friends.#(age==~true)", "not supported"],
    [`${"#(a.".repeat(20)}x${")".repeat(20)}`, "nested deeper"],
    [`a|${"b".repeat(2000)}`, "more than 1024 characters"],
  ])("refuses %s", (path, message) => {
    expect(() => compilePath(path)).toThrow(message);
  });

  it("is read or refused, whatever is written", () => {
    const pieces = fc.constantFrom(
      "#",
      "(",
      ")",
      "friends",
      ".",
      "|",
      "*",
      '"',
      "==",
      "@this",
      "\\",
      "age",
      "0",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        try {
          compilePath(parts.join("")).read(document);
        } catch (error) {
          expect(error).toBeInstanceOf(PathError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("matches wildcards in the product of the lengths", () => {
    const start = process.cpuUsage().user;
    expect(compilePath(`${"*a".repeat(400)}b`).read({ ["a".repeat(20_000)]: 1 })).toBeUndefined();
    expect(process.cpuUsage().user - start).toBeLessThan(2_000_000);
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

  it("makes lists only where a pipeline writes a number", () => {
    const written: JsonObject = {};
    compileWrite(["a", "b", "1"])(written, "x");
    compileWrite(["a", "b", "0", "c"])(written, "y");
    compileWrite(["n", "0"])(written, "z");
    setPath(written, ["d", "10", "0"], 1);
    expect(written).toEqual({ a: { b: [{ c: "y" }, "x"] }, n: { 0: "z" }, d: { 10: { 0: 1 } } });
    expect(() => compileWrite(["a", "l", "5000"])({}, 1)).toThrow("not a place in a list");
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
