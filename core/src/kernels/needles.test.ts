import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAutomatons } from "./automaton.ts";
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
  needleSearch(needles, kernels).run(haystack(values), (needle, value) => found.add(`${needle} in ${value}`));
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
    expect(WasmScanner.open(buildAutomatons([Buffer.from("a")])[0]!)).toBeDefined();
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

  it("takes thousands of needles", () => {
    const many = Array.from(
      { length: 5_000 },
      (_, i): Needle => ({ text: `needle-${i}-`, anchor: "anywhere", fold: false }),
    );
    const values = [Buffer.from("a needle-4321- and needle-9999-")];
    expect(foundBy(many, values, true)).toEqual(["4321 in 0"]);
  });

  it("looks for a rare part of each of many, and finds only the whole in its place", () => {
    const many = Array.from({ length: 2_000 }, (_, i): Needle => {
      const anchor = (["anywhere", "start", "end", "whole"] as const)[i % 4]!;
      return { text: `some prefix q${i}z and a tail`, anchor, fold: i % 3 === 0 };
    });
    const values = [
      "x some prefix q8z and a tail x",
      "some prefix q9z and a tail x",
      "x some prefix q10z and a tail",
      "some prefix q11z and a tail",
      "SOME prefix Q12Z and a tail",
      "SOME prefix Q14Z and a tail",
      "some prefix q16z and a tale",
      "q20z and a tail",
    ].map((text) => Buffer.from(text));
    for (const kernels of [true, false]) {
      expect(foundBy(many, values, kernels)).toEqual(["10 in 2", "11 in 3", "12 in 4", "8 in 0", "9 in 1"]);
    }
  });

  it("looks with several tables where one would be too large", () => {
    const texts = Array.from({ length: 500 }, (_, i) => `${i}-needle`);
    expect(
      buildAutomatons(
        texts.map((text) => Buffer.from(text)),
        100_000,
      ).length,
    ).toBeGreaterThan(2);
    const many = texts.map((text): Needle => ({ text, anchor: "start", fold: false }));
    const found = new Set<string>();
    const values = texts.map((text) => Buffer.from(`${text}s`));
    needleSearch(many, true, 100_000).run(haystack(values), (needle, value) =>
      found.add(`${needle} ${value}`),
    );
    expect([...found].sort()).toEqual(texts.map((_, i) => `${i} ${i}`).sort());
  });

  it("knows what only strings can find", () => {
    expect(["a", "🙂", "", "\ufffd", "a\ud83d"].map(isSearchable)).toEqual([true, true, false, false, false]);
  });
});
