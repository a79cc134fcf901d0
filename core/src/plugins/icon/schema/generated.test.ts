import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseSpec } from "../spec/load.ts";
import { builtinNames } from "../spec/types.ts";
import { compileComponent, compileConnection } from "./compile.ts";
import { sampleOf } from "./sample.ts";
import { validatorOf } from "./validate.ts";

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
  fc.constantFrom("__proto__", "constructor", "a/b", "a~b", "a b", "é", "#", "%2F", "$ref", "type", "0"),
);
const typeNames = ["one", "two", "a/b~c%", "toString"];
const type = fc
  .tuple(fc.constantFrom("", "[]", "[][]"), fc.constantFrom(...builtinNames, ...typeNames, "nowhere"))
  .map(([lists, inner]) => `${lists}${inner}`);
const field = fc.record(
  {
    title: fc.string({ maxLength: 12 }),
    type,
    required: fc.constantFrom(true, false, "yes"),
    order: fc.integer({ min: 1, max: 9 }),
    description: fc.string({ maxLength: 12 }),
    example: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ["type"] },
);
const fields = fc.dictionary(name, field, { maxKeys: 4 });
const component = fc.record({ title: fc.string({ maxLength: 9 }), input: fields, output: fields });
const components = fc.dictionary(name, component, { maxKeys: 2 });
const spec = fc.record({
  name: fc.constant("made"),
  connection: fields,
  actions: components,
  tasks: components,
  types: fc.record(Object.fromEntries(typeNames.map((each) => [each, fields]))),
});

describe("specs made at random", () => {
  it("become schemas that refer to nothing that is not there, and that take their own samples", () => {
    fc.assert(
      fc.property(spec, (made) => {
        const loaded = parseSpec(stringify(made), "made.yaml");
        const connection = validatorOf(compileConnection(loaded.spec));
        expect(connection("no map")).not.toEqual(
          expect.arrayContaining([expect.stringContaining("cannot be used")]),
        );
        for (const each of [...loaded.spec.actions.values(), ...loaded.spec.tasks.values()])
          for (const part of ["input", "output"] as const) {
            const schema = compileComponent(loaded.spec, each, part);
            const definitions = Object.keys((schema["definitions"] ?? {}) as object);
            for (const [, to = ""] of JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]*)"/g))
              expect(definitions).toContain(
                decodeURIComponent(to).replaceAll("~1", "/").replaceAll("~0", "~"),
              );
            const validate = validatorOf(schema);
            if (schema["type"] === "object" && !endless(loaded.spec.types))
              expect(validate(sampleOf(loaded.spec, each[part]))).toEqual([]);
          }
      }),
      { numRuns: 40 },
    );
  });
});

/** Whether a type needs itself, so that no value of it has an end, or a sample is cut before its end. */
function endless(types: ReadonlyMap<string, ReadonlyMap<string, { readonly required: boolean }>>): boolean {
  return [...types.values()].some((each) => [...each.values()].some(({ required }) => required));
}
