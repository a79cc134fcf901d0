import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, logsOf } from "../testing/steps.ts";
import { inBlocks, interpreted } from "../testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 100);

const field = fc.constantFrom("action", "eventType", "severity", "origin.host");
const word = fc.constantFrom("low", "high", "info", "", "12", "Ä", "a.b", "a.c", "x".repeat(300));
const condition = fc.tuple(field, word, word, fc.nat(12)).map(([own, one, other, how]) => {
  const conditions = [
    `exists("${own}")`,
    `!exists("${own}")`,
    `equals("${own}", "${one}")`,
    `oneOf("${own}", ["${one}", "${other}"])`,
    `startsWith("${own}", ["a.", "${one}"])`,
    `endsWith("${own}", "${one}") && !exists("log.a")`,
    `contains("${own}", "o") || startsWith("raw", "b")`,
    `regexMatch("${own}", "^[a-z]+$")`,
    `lessThan("${own}", 13)`,
    `${own} == "${one}"`,
    `startsWith("raw", "a")`,
  ];
  return conditions[how] === undefined ? "" : `, where: '${conditions[how]}'`;
});
const many = Array.from(
  { length: 17 },
  (_, at) => `{add: {function: string, params: {key: action, value: w${at}}}}`,
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(field, word, condition)
      .map(
        ([own, text, where]) => `{add: {function: string, params: {key: ${own}, value: '${text}'}${where}}}`,
      ),
  },
  fc
    .tuple(field, word, field, condition)
    .map(
      ([own, text, other, where]) => `{set: {fields: {${own}: '${text}', log.copy: '{{${other}}}'}${where}}}`,
    ),
  fc
    .tuple(field, word, condition)
    .map(([own, text, where]) => `{set: {fields: {${own}: '${text}'}${where}}}`),
  fc.tuple(field, condition).map(([own, where]) => `{delete: {fields: [${own}]${where}}}`),
  fc.constant("{delete: {fields: [origin]}}"),
  fc.tuple(field, field).map(([own, other]) => `{rename: {from: [${own}], to: ${other}}}`),
  fc.constant("{grok: {patterns: [{fieldName: log.a, pattern: 'a.*'}]}}"),
  fc
    .tuple(field, word, field, word)
    .map(
      ([own, one, other, two]) =>
        `{switch: {cases: [{where: 'startsWith("raw", "a")', set: {${own}: '${one}'}, steps: [{add: {function: set, params: {key: ${other}, value: '${two}'}}}]}, {set: {${other}: '${one}'}}]}}`,
    ),
  fc.constant(many.join(", ")),
);

describe("fields that hold nothing but texts of steps", () => {
  it("are what the interpreter says, with every counter", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "ab", "é", ""), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), lines, (steps, raws) => {
        const logs = logsOf(raws);
        const text = steps.join(", ");
        const [slow, block] = [load(text), load(text)];
        if (block.columns("test").noBlock) return;
        const wanted = interpreted(slow, logs);
        expect(inBlocks(block, logs)).toEqual(wanted);
        expect(block.steps.map((one) => one.counters)).toEqual(slow.steps.map((one) => one.counters));
        expect(inBlocks(block, logs)).toEqual(wanted);
      }),
      { numRuns: runs },
    );
  });
});
