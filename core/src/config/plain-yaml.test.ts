import { globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainYaml } from "./plain-yaml.ts";
import { locate, parseSources, parseWhole } from "./source.ts";

const root = new URL("../../../", import.meta.url).pathname;
const files = globSync(["plugins/**/*.{yml,yaml}", "collector/src/**/*.yaml", "deploy/**/*.yaml"], {
  cwd: root,
})
  .filter((file) => !file.includes("node_modules"))
  .map((file) => readFileSync(`${root}${file}`, "utf8"));

/** What the whole parser makes of a text; undefined where it finds a fault. */
function whole(text: string) {
  try {
    return parseWhole(text, "x.yaml");
  } catch {
    return undefined;
  }
}

/** True where a text was read without the whole parser; then both must agree. */
function agrees(text: string): boolean {
  const plain = plainYaml(text);
  if (!plain) return false;
  const sources = whole(text);
  expect(plain.map(({ value }) => value)).toStrictEqual(sources?.map(({ value }) => value));
  for (const [at, source] of parseSources(text, "x.yaml").entries()) {
    expect(locate(source, [])).toEqual(locate(sources![at]!, []));
    for (const key of plain[at]!.starts.keys())
      expect([key, locate(source, [key])]).toEqual([key, locate(sources![at]!, [key])]);
  }
  return true;
}

describe("YAML read without the whole parser", () => {
  it("is most of what is written here, and reads as with it", () => {
    expect(files.length).toBeGreaterThan(100);
    const read = files.filter(agrees);
    expect(read.length / files.length).toBeGreaterThan(0.5);
  });

  it.each([
    ["a: 1\nb: [x, 'it''s', \"a\\\\b\"]\nc:\n  - d: { e: f }\n    g: -enc\n  - |\n    two\n      lines\n\n"],
    ["---\n# head\na:\n- 1\n- - 2\n  - 3\nb: c # said\n---\nd: ~\ne:\n"],
    ["- a: b\n  c: d\n-\n  e: f\n"],
    ["f: >-\n  one\n  two\n\n\na|contains|all:\n  - '*x'\n  - 10.0.0.0/8\n  - true\n  - 1.50\n'*': y\n"],
  ])("takes %j", (text) => {
    expect(agrees(text)).toBe(true);
  });

  it.each([
    ["a: b: c\n"],
    ["a: &x b\nc: *x\n"],
    ["a: !!str 1\n"],
    ["a: 1\na: 2\n"],
    ["a: one\n  two\n"],
    ["a: >\n  one\n\n  two\n"],
    ["a: >\n  one\n   two\n"],
    ["a:\t1\n"],
    ["a: 0x10\n"],
    ["a: 1.5e3\n"],
    ["? a\n: b\n"],
    ["a: [1,\n 2]\n"],
    ["a: 'x\n  y'\n"],
    ["__proto__: 1\n"],
    ["a: 1\n...\n"],
    ["null: 1\n"],
    ["a\n"],
    [""],
    ["a: 1\n---\n"],
  ])("leaves %j to it", (text) => {
    expect(plainYaml(text)).toBeUndefined();
  });

  it("gives the same, or nothing, whatever is changed in a text", () => {
    const texts = files.filter((text) => text.length < 4_000 && plainYaml(text));
    const piece = fc.constantFrom(
      ..."\n| |  |\t|#| #|:|: |- |-|'|\"|[|]|{|}|,|, |&a|*a|!|||>|%|@|---\n|...|~|null|true|1|0x1|1.5|a|a: |? |\\|é|<<: |'''".split(
        "|",
      ),
    );
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.nat(3), piece), { minLength: 1, maxLength: 4 }),
        (pick, changes) => {
          let text = texts[pick % texts.length]!;
          // A piece of it, so that faults lie close together.
          const from = pick % Math.max(1, text.length - 300);
          text = text.slice(from === 0 ? 0 : text.lastIndexOf("\n", from) + 1, from + 300);
          for (const [place, cut, add] of changes) {
            const at = place % (text.length + 1);
            text = text.slice(0, at) + add + text.slice(at + cut);
          }
          agrees(text);
        },
      ),
      { numRuns: Number(process.env.VEDETTE_RUNS ?? 1_500) },
    );
  });
});
