import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { searchRegex } from "../patterns/index.ts";

const required = (source: string): string[] | undefined =>
  searchRegex(source).required?.map(({ text, fold }) => (fold ? `${text} in any case` : text));

/** ASCII only, as a search that folds. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

describe("texts that every match holds", () => {
  it.each([
    ["select", ["select"]],
    ["^/admin/.*\\.php$", ["/admin/"]],
    ["(?:union|select)\\s+x", ["union", "select"]],
    ["(?i)nmap/3\\.", ["nmap/3. in any case"]],
    // The Kelvin sign is a k in another case.
    ["(?i)nikto", ["nikto in any case", "ni\u212ato in any case"]],
    ["a[bc]d", ["abd", "acd"]],
    ["ab{2}c", ["abbc"]],
    ["ab?c", ["ac", "abc"]],
    ["x+long", ["long"]],
    ["(?:abc)+", ["abc"]],
    // Every address with a query holds the first, and every shop the second; hardly any holds the last.
    ["[?&]\\w+(?:sh|id|ls|rm)\\d.*(?:;|<)", [";", "<"]],
    ["\\d+", undefined],
    ["(?:abc)*", undefined],
    ["abc|\\d", undefined],
    ["", undefined],
  ])("%s", (source, texts) => {
    expect(required(source)?.sort()).toEqual(texts?.sort());
  });

  it("are in every text that matches", () => {
    const node = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom(
          "a",
          "b",
          "k",
          "[ab]",
          "[^a]",
          ".",
          "\\d",
          "1",
          "é",
          "^",
          "$",
          "\\b",
          "[a-f]",
          "[kK]",
        ),
        fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((items) => items.join("")),
        fc.array(tie("node"), { minLength: 2, maxLength: 3 }).map((items) => `(?:${items.join("|")})`),
        fc
          .tuple(tie("node"), fc.constantFrom("*", "+", "?", "*?", "{2}", "{1,3}", "{0}"))
          .map(([item, operator]) => `(?:${item})${operator}`),
      ),
    })).node;
    const texts = fc.array(fc.constantFrom("a", "b", "A", "k", "K", "\u212a", "1", "é", "\n", "c"), {
      maxLength: 8,
    });
    let found = 0;
    fc.assert(
      fc.property(
        node,
        fc.boolean(),
        fc.array(texts, { minLength: 5, maxLength: 5 }),
        (source, fold, samples) => {
          const regex = searchRegex(fold ? `(?i)${source}` : source);
          if (!regex.required) return;
          for (const text of samples.map((parts) => parts.join(""))) {
            if (!regex.test(text)) continue;
            found++;
            const holds = regex.required.some((each) =>
              each.fold ? lower(text).includes(lower(each.text)) : text.includes(each.text),
            );
            expect(holds).toBe(true);
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(found).toBeGreaterThan(500);
  });
});
