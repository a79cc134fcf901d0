import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z as zod } from "zod";
import { z as late } from "./late-zod.ts";

/** Schemas in the ways in which the sources make them. */
const declared = (z: typeof zod) => {
  const word = z.string().min(1).max(5).describe("A word.");
  const inner = z.strictObject({ a: word, b: z.int().min(0).default(3), c: z.array(word).optional() });
  const wider = inner.extend({ d: z.boolean().nullable() }).superRefine(({ a }, context) => {
    if (a === "no") context.addIssue({ code: "custom", message: "not no", path: ["a"] });
  });
  return {
    word,
    inner,
    wider,
    trimmed: z
      .string()
      .overwrite((text) => text.trim())
      .regex(/^\w*$/, "Expected a word"),
    either: z.union([z.string().regex(/^\d+$/).transform(Number), z.int()]),
    choice: z.enum(["x", "y"]).default("x"),
    kinds: z.discriminatedUnion("type", [
      inner.safeExtend({ type: z.literal("one").describe("One.") }),
      z.strictObject({ type: z.literal("two"), n: z.number().optional() }),
    ]),
    map: z.record(z.string().max(2), z.union([word, z.lazy(() => inner)])).prefault({}),
    section: z.strictObject({ x: inner.prefault({ a: "q" }) }).prefault({}),
    marked: z
      .string()
      .meta({ vedette: { secret: true } })
      .default(""),
  };
};
const values: unknown[] = [undefined, null, "", "x", "abcdef", " a ", "12", 7, -1, [], {}, true];
values.push({ a: "q" }, { a: "no", d: null }, { a: "q", b: 1, c: ["x", ""], d: true }, { a: 1, e: 2 });
values.push({ type: "one", a: "q" }, { type: "two", n: "x" }, { type: "three" }, { k: "v" }, { long: "v" });
values.push({ k: { a: "q" } }, { x: { a: "z" } }, { x: 1 });
describe("zod as the one-file agent has it", () => {
  const [ours, theirs] = [declared(late), declared(zod)];
  it.each(Object.keys(theirs) as (keyof typeof theirs)[])("checks like zod: %s", (name) => {
    for (const value of values) {
      const [found, expected] = [ours[name].safeParse(value), theirs[name].safeParse(value)];
      expect(found.success).toBe(expected.success);
      expect(found.data).toEqual(expected.data);
      expect(found.error?.issues).toEqual(expected.error?.issues);
    }
  });
  it("knows what lies in a schema", () => {
    expect(Object.keys(ours.wider.shape)).toEqual(Object.keys(theirs.wider.shape));
    expect(ours.marked.unwrap().meta()).toEqual(theirs.marked.unwrap().meta());
    expect(ours.inner.shape.c.unwrap().element.safeParse("").success).toBe(false);
    expect(ours.section).toBeInstanceOf(zod.ZodPrefault);
  });
  it("has all that the sources of an agent name", () => {
    const cwd = fileURLToPath(new URL("../../", import.meta.url));
    const sources = globSync("{sdk/src,core/src,agent/src,plugins,cli/src/run}/**/*.ts", {
      cwd,
      exclude: (name) => name === "node_modules" || name.endsWith(".test.ts"),
    });
    const called = sources.flatMap((name) =>
      [...readFileSync(`${cwd}${name}`, "utf8").matchAll(/\bz\s*\.\s*([a-z]\w*)\s*\(/g)].map(
        ([, made]) => made!,
      ),
    );
    expect(called.length).toBeGreaterThan(500);
    expect([...new Set(called)].filter((name) => !(name in late))).toEqual([]);
  });
});
