import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, logsOf } from "../testing/steps.ts";
import { inBlocks, interpreted } from "../testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 100);

const fields = ["log.a", "log.b", "origin.user"] as const;
const words = fc.constantFrom('"', "-", "[", "from", "ab", "abcdefgh", "abcdefghi", ".", "1");
const field = fc.constantFrom(...fields);

const trims = fc
  .tuple(fc.constantFrom("prefix", "suffix"), words, fc.uniqueArray(field, { minLength: 1 }))
  .map(
    ([how, word, some]) => `{trim: {function: ${how}, substring: '${word}', fields: [${some.join(", ")}]}}`,
  );

const deletes = fc
  .tuple(
    field,
    fc.array(fc.oneof(words, fc.constantFrom("", "ä")), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([own, some, isOne]) => {
    const where = isOne ? `equals("${own}", "${some[0]}")` : `oneOf("${own}", ["${some.join('", "')}"])`;
    return `{delete: {fields: [${own}], where: '${where.replaceAll('"""', '"\\""')}'}}`;
  });

const others = fc.constantFrom(
  "{cast: {to: int, fields: [log.b]}}",
  "{add: {function: string, params: {key: log.a, value: '-'}}}",
  `{delete: {fields: [log.b], where: 'exists("log.a")'}}`,
);

const steps = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: trims },
      { weight: 4, arbitrary: deletes },
      { weight: 1, arbitrary: others },
    ),
    {
      minLength: 2,
      maxLength: 9,
    },
  )
  .map((some) =>
    [
      "{grok: {patterns: [{fieldName: log.a, pattern: '[^;]*;'}, {fieldName: log.b, pattern: '[^;]*;'}, {fieldName: origin.user, pattern: '.*'}]}}",
      "{trim: {function: suffix, substring: ';', fields: [log.a, log.b]}}",
      ...some,
    ].join(", "),
  );

const value = fc
  .array(fc.oneof(words, fc.constantFrom(" ", "", "\t", "x", "12")), { maxLength: 5 })
  .map((some) => some.join(""));
const lines = fc.array(
  fc.tuple(value, value, value).map((some) => some.join(";")),
  { minLength: 4, maxLength: 40 },
);

describe("steps that change texts where they lie", () => {
  it("say together what the interpreter says one by one, with every counter", () => {
    fc.assert(
      fc.property(steps, lines, (text, raws) => {
        const logs = logsOf(raws);
        const [slow, block] = [load(text), load(text)];
        expect(block.columns("test").noBlock).toBeUndefined();
        const wanted = interpreted(slow, logs);
        expect(inBlocks(block, logs)).toEqual(wanted);
        expect(block.steps.map((step) => step.counters)).toEqual(slow.steps.map((step) => step.counters));
      }),
      { numRuns: runs },
    );
  });
});
