import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAutomaton } from "./automaton.ts";
import { isSearchable, type Needle, needleSearch } from "./needles.ts";
import { WasmScanner } from "./scanner-wasm.ts";

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What a search must find, said with strings. */
function holds(value: string, { text, anchor, fold }: Needle): boolean {
  const [hay, wanted] = fold ? [lower(value), lower(text)] : [value, text];
  if (anchor === "anywhere") return hay.includes(wanted);
  if (anchor === "start") return hay.startsWith(wanted);
  return anchor === "end" ? hay.endsWith(wanted) : hay === wanted;
}

function haystack(values: readonly Uint8Array[]) {
  const bounds = new Uint32Array(values.length * 2);
  let at = 3;
  const parts: Uint8Array[] = [Buffer.from("aaa")];
  for (const [i, value] of values.entries()) {
    bounds[i * 2] = at;
    at += value.length;
    bounds[i * 2 + 1] = at;
    // As in a column, where a length stands before each text: it must not join its neighbours.
    parts.push(value, Buffer.from("a"));
    at++;
  }
  return { bytes: Buffer.concat(parts), bounds, count: values.length };
}

function foundBy(needles: readonly Needle[], values: readonly Uint8Array[], kernels: boolean): string[] {
  const found = new Set<string>();
  needleSearch(needles, kernels)!.run(haystack(values), (needle, value) =>
    found.add(`${needle} in ${value}`),
  );
  return [...found].sort();
}

const unit = fc.constantFrom("a", "a", "a", "b", "A", "k", "é", "🙂", "\u212a", "/");
const anchor = fc.constantFrom<Needle["anchor"]>("anywhere", "start", "end", "whole");
const needle = fc.record({
  text: fc.string({ unit, minLength: 1, maxLength: 3 }),
  anchor,
  fold: fc.boolean(),
});
const value = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit, maxLength: 12 }).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.nat({ max: 200_000 }).map((size) => Buffer.from(`${"b".repeat(size)}aab/`)) },
);

describe("a search for many needles", () => {
  it("runs as WebAssembly", () => {
    expect(WasmScanner.open(buildAutomaton([Buffer.from("a")])!)).toBeDefined();
  });

  it.each([true, false])("finds what a search in strings finds (kernels: %s)", (kernels) => {
    let hits = 0;
    fc.assert(
      fc.property(
        fc.array(needle, { minLength: 1, maxLength: 12 }),
        fc.array(value, { minLength: 1, maxLength: 20 }),
        (needles, values) => {
          const expected = values.flatMap((bytes, at) =>
            needles.flatMap((each, i) => (holds(bytes.toString("utf8"), each) ? [`${i} in ${at}`] : [])),
          );
          hits += expected.length;
          expect(foundBy(needles, values, kernels)).toEqual(expected.sort());
        },
      ),
      { numRuns: 300 },
    );
    expect(hits).toBeGreaterThan(500);
  });

  it("finds as much in bytes of any kind by either twin, also where every byte is a hit", () => {
    const needles: Needle[] = ["a", "aa", "aaa", "ab"].map((text) => ({
      text,
      anchor: "anywhere",
      fold: true,
    }));
    const values = [
      Buffer.from("aA".repeat(100_000)),
      Buffer.alloc(300_000, 97),
      Buffer.from("ab"),
      Buffer.alloc(0),
    ];
    expect(foundBy(needles, values, true)).toEqual(foundBy(needles, values, false));
  });

  it("takes thousands of needles, and says when they are too many", () => {
    const many = Array.from(
      { length: 5_000 },
      (_, i): Needle => ({ text: `needle-${i}-`, anchor: "anywhere", fold: false }),
    );
    const values = [Buffer.from("a needle-4321- and needle-9999-")];
    expect(foundBy(many, values, true)).toEqual(["4321 in 0"]);
    const huge = { text: "x".repeat(8_000_000), anchor: "anywhere", fold: false } as const;
    expect(needleSearch([huge])).toBeUndefined();
  });

  it("knows what only strings can find", () => {
    expect(["a", "🙂", "", "\ufffd", "a\ud83d"].map(isSearchable)).toEqual([true, true, false, false, false]);
  });
});
