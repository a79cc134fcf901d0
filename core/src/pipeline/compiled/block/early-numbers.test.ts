import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, logsOf } from "../testing/steps.ts";
import { inBlocks, interpreted } from "../testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 100);

/** Whose columns take any value, texts and numbers alone. */
const fields = ["log.n", "log.other", "origin.port", "statusCode", "target.bytesSent", "action"] as const;
const field = fc.constantFrom(...fields);
const words = fc.constantFrom("7", "007", "-", "22", "12345678", "x");

const where = fc.tuple(field, words, fc.nat(9)).map(([own, word, how]) => {
  const conditions = [
    "",
    "",
    `exists("${own}")`,
    `!exists("${own}")`,
    `equals("${own}", "${word}")`,
    `startsWith("${own}", "${word}")`,
    `greaterOrEqual("${own}", 8)`,
    `${own} == "${word}"`,
    `oneOf("${own}", ["-", "${word}"])`,
    `contains("${own}", "${word}")`,
  ];
  return conditions[how] === "" ? "" : `, where: '${conditions[how]}'`;
});

const grok = fc
  .tuple(field, field, fc.constantFrom("raw", "raw", "log.rest"), where)
  .filter(([one, other]) => one !== other)
  .map(
    ([one, other, source, when]) =>
      `{grok: {source: ${source}${when}, patterns: [{fieldName: ${one}, pattern: '[^;]*;?'}, {fieldName: ${other}, pattern: '[0-9]{1,9} ?'}, {fieldName: log.rest, pattern: '.*'}]}}`,
  );
const step = fc.oneof(
  { weight: 4, arbitrary: grok },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom("int", "float", "int64", "string", "bool"),
        fc.uniqueArray(field, { minLength: 1 }),
        where,
      )
      .map(([to, some, when]) => `{cast: {to: ${to}, fields: [${some.join(", ")}]${when}}}`),
  },
  fc.tuple(field, where).map(([own, when]) => `{delete: {fields: [${own}]${when}}}`),
  fc
    .tuple(field, words, where)
    .map(([own, word, when]) => `{trim: {function: prefix, substring: '${word}', fields: [${own}]${when}}}`),
  fc
    .tuple(field, field, where)
    .map(([own, other, when]) => `{rename: {from: [${own}], to: ${other}${when}}}`),
  fc
    .tuple(field, words, where)
    .map(([own, word, when]) => `{add: {function: string, params: {key: ${own}, value: '${word}'}${when}}}`),
  fc.tuple(field, field).map(([own, other]) => `{set: {fields: {${own}: '\${${other}}!'}}}`),
  fc.constant("{delete: {fields: [log]}}"),
  fc.constant("{kv: {source: log.rest, fieldSplit: ' ', valueSplit: '='}}"),
);

const value = fc.oneof(
  fc.constantFrom("7", "007", "0", "22", "1234567", "12345678", "999999999999999", "1234567890123456", "1.5"),
  fc.constantFrom("-", "x", "", " ", "1-", "/9", ":3", "1 2", "n=4"),
);
const lines = fc.array(
  fc
    .array(fc.tuple(value, fc.constantFrom(";", ";", " ", "")), { maxLength: 6 })
    .map((some) => some.flat().join("")),
  { minLength: 4, maxLength: 40 },
);

describe("numbers that a grok makes of digits", () => {
  it("are what later steps make of the digits, as the interpreter does, with every counter", () => {
    fc.assert(
      fc.property(grok, fc.array(step, { minLength: 1, maxLength: 6 }), lines, (first, others, raws) => {
        const logs = logsOf(raws);
        const text = [first, ...others].join(", ");
        const [slow, block] = [load(text), load(text)];
        if (block.columns("test").noBlock) return;
        const wanted = interpreted(slow, logs);
        expect(inBlocks(block, logs)).toEqual(wanted);
        expect(block.steps.map((one) => one.counters)).toEqual(slow.steps.map((one) => one.counters));
      }),
      { numRuns: runs },
    );
  });
});
