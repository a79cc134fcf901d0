import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Automaton, notKnown } from "./automaton.ts";
import { emitRegex } from "./emit.ts";
import { parseRegex } from "./parse.ts";

const atoms = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "ab", "c", "$", "^", "[0-9]", "(?s:.)");
const expressions = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atoms,
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"))
      .map(([item, times]) => `(?:${item})${times}`),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((items) => items.join("")),
    fc.array(tie("node"), { minLength: 2, maxLength: 3 }).map((items) => `(?:${items.join("|")})`),
  ),
})).node;
const texts = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "\n", " "), maxLength: 12 });

describe("an automaton", () => {
  it("finds what the engine finds", () => {
    let compared = 0;
    fc.assert(
      fc.property(expressions, fc.array(texts, { minLength: 1, maxLength: 8 }), (source, list) => {
        const regex = parseRegex(source);
        const at = Automaton.of(regex);
        const anywhere = Automaton.of(regex, true);
        const native = emitRegex(regex, false);
        const sticky = new RegExp(`^(?:${native})`);
        const search = new RegExp(native);
        for (const text of list) {
          const bytes = Buffer.from(text);
          const found = at?.find(bytes, 0, bytes.length);
          if (found === undefined || found === notKnown) continue;
          compared++;
          expect(found, `${source} on ${JSON.stringify(text)}`).toBe(sticky.exec(text)?.[0].length ?? -1);
          const passes = anywhere?.test(bytes, 0, bytes.length);
          expect(passes, `${source} in ${JSON.stringify(text)}`).toBe(search.test(text));
        }
      }),
      { numRuns: Number(process.env.VEDETTE_TWINS ?? 500) },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it("gives up beyond its bounds", () => {
    expect(Automaton.of(parseRegex("a{1,2000}"))).toBeUndefined();
    expect(Automaton.of(parseRegex("\\ba"))).toBeUndefined();
    const many = Automaton.of(parseRegex("(?:a|b)*a(?:a|b){10}"))!;
    let random = 1;
    const text = Buffer.alloc(4_000);
    for (let at = 0; at < text.length; at++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      text[at] = 97 + (random >>> 31);
    }
    expect(many.find(text, 0, text.length)).toBe(notKnown);
  });
});
