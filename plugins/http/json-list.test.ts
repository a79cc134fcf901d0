import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementsOf } from "./json-list.ts";

describe("the elements of a JSON list", () => {
  it.each([
    { text: "[]", elements: [] },
    { text: ' [ {"a":1} , "b,]" ] ', elements: ['{"a":1}', '"b,]"'] },
    {
      text: '[{"a":[1,{"b":"\\\\"}]},{"n":12345678901234567890}]',
      elements: ['{"a":[1,{"b":"\\\\"}]}', '{"n":12345678901234567890}'],
    },
    { text: '["\\"]\\\\\\"",1]', elements: ['"\\"]\\\\\\""', "1"] },
    { text: "[1,]", elements: ["1", ""] },
    { text: "[", elements: undefined },
    { text: "{}", elements: undefined },
    { text: "[[1]", elements: undefined },
    { text: '["a]', elements: undefined },
    { text: "[1]]", elements: undefined },
    { text: "", elements: undefined },
  ])("$text", ({ text, elements }) => {
    expect(elementsOf(text)).toEqual(elements);
  });

  it("are those that a parser finds, however the list is written", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 12 }),
        fc.constantFrom(undefined, 1, "\t"),
        (list, space) => {
          const elements = elementsOf(JSON.stringify(list, undefined, space));
          expect(elements?.map((element) => JSON.parse(element) as unknown)).toEqual(
            JSON.parse(JSON.stringify(list)),
          );
        },
      ),
    );
  });

  it("never fail for any text", () => {
    const parts = fc.array(fc.constantFrom("[", "]", "{", "}", '"', "\\", ",", "a", " "), { maxLength: 40 });
    fc.assert(fc.property(parts, (texts) => void elementsOf(`[${texts.join("")}]`)));
  });
});
