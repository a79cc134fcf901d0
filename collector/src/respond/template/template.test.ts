import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Lookup, type Value, valueAt } from "../expression/index.ts";
import { compileInput, parseTemplate, render } from "./index.ts";

const document: Value = {
  Step: {
    name: "web-1",
    count: 2,
    none: null,
    on: true,
    empty: [],
    hosts: [
      { name: "a", ips: ["1.1.1.1", "2.2.2.2"] },
      { name: "b", ips: [] },
    ],
    map: { x: 1, "y z": 2 },
    html: "<b>&</b>",
  },
  "Other step": { key: "y z" },
};
const lookup: Lookup = (path) => valueAt(document, path);
const text = (template: string): string => render(parseTemplate(template), lookup).text;

describe("templates", () => {
  it.each<[string, string]>([
    ["plain", "plain"],
    ["Host {{[Step].[name]}} has {{Step.count}}", "Host web-1 has 2"],
    ["{{[Step].[none]}}|{{[Step].[gone]}}|{{[Step].[on]}}", "||true"],
    ["{{[Step].[empty]}} {{[Step].[map]}}", '[] {"x":1,"y z":2}'],
    ["{{[Step].[hosts].[0].[ips].[1]}}", "2.2.2.2"],
    ["{{{[Step].[html]}}} {{[Step].[html]}} {{& Step.html}}", "<b>&</b> <b>&</b> <b>&</b>"],
    ["{{#each [Step].[hosts]}}{{@index}}:{{this.[name]}} {{/each}}", "0:a 1:b "],
    ["{{#each [Step].[hosts]}}{{name}}{{#unless @last}}, {{/unless}}{{/each}}", "a, b"],
    [
      "{{#each [Step].[hosts]}}{{#each ips}}{{../name}}={{.}};{{else}}none of {{name}}{{/each}}{{/each}}",
      "a=1.1.1.1;a=2.2.2.2;none of b",
    ],
    ["{{#each [Step].[map]}}{{@key}}={{this}} {{/each}}", "x=1 y z=2 "],
    ["{{#each [Step].[hosts] as |host i|}}{{i}}{{host.name}}{{/each}}", "0a1b"],
    ["{{#each [Step].[hosts]}}{{[Other step].[key]}}/{{@root.Step.count}} {{/each}}", "y z/2 y z/2 "],
    [
      "{{#each [Step].[empty]}}x{{else}}nothing{{/each}}{{#each [Step].[gone]}}x{{^}}gone{{/each}}",
      "nothinggone",
    ],
    ["{{#if [Step].[on]}}yes{{else}}no{{/if}}{{#if [Step].[empty]}}yes{{else}}no{{/if}}", "yesno"],
    ["{{#if Step.none}}a{{else if Step.on}}b{{else}}c{{/if}}", "b"],
    ["{{#unless [Step].[none]}}empty{{/unless}}", "empty"],
    [
      "{{#with [Step].[map]}}{{x}}{{[y z]}}{{else}}no{{/with}}{{#with Step.none}}x{{else}}no{{/with}}",
      "12no",
    ],
    ['{{#equal [Step].[count] "2"}}two{{else}}other{{/equal}}', "two"],
    ["{{lookup [Step].[map] [Other step].[key]}}", "2"],
    ["{{lookup Step.hosts 5}}{{#if (equal Step.name 'web-1')}}!{{/if}}", "!"],
    ["a {{~ [Step].[name] ~}} b", "aweb-1b"],
    ["a {{! comment }}b{{!-- {{x}} --}}c", "a bc"],
    ["\\{{not}} {{[Step].[name]}}", "{{not}} web-1"],
    ["Hosts:\n{{#each [Step].[hosts]}}\n- {{name}}\n{{/each}}\nend", "Hosts:\n- a\n- b\nend"],
    ["{{#if Step.on}}\nyes\n{{else}}\nno\n{{/if}}\n", "yes\n"],
    ["x {{#if Step.on}} y {{/if}} z", "x  y  z"],
  ])("%j", (template, expected) => {
    expect(text(template)).toBe(expected);
  });

  it("notes what is not defined, and what is logged", () => {
    const template = parseTemplate("{{[Step].[gone]}}{{#if [Step].[away]}}{{/if}}{{log 'at' Step.name}}");
    expect(render(template, lookup)).toEqual({
      text: "",
      missing: ["{{[Step].[gone]}}"],
      logged: ["at web-1"],
    });
  });

  it.each<[string, string, [number, number]]>([
    ["a {{[Step].[name]", "The braces are not closed.", [1, 3]],
    ["{{#each x}}\n{{/if}}", "The block {{#each}} ends with {{/if}}.", [2, 4]],
    ["{{#if x}}", "The block {{#if}} is not closed.", [1, 4]],
    ["x{{/if}}", "There is no block that {{/if}} closes.", [1, 5]],
    ["{{else}}", "There is no block that this else belongs to.", [1, 3]],
    ["{{#iff x}}{{/iff}}", 'Unknown block "iff".', [1, 4]],
    ["{{My Step.name}}", 'Unknown helper "My".', [1, 3]],
    ["{{lookup x}}", "lookup takes 2 values, here are 1.", [1, 3]],
    ["{{#equal x}}{{/equal}}", "equal takes 2 values, here are 1.", [1, 4]],
    ["{{}}", "The braces are empty.", [1, 3]],
    ["{{> part}}", "Parts of other templates (>) are not supported.", [1, 1]],
    ["{{x y=1}}", "Named values (name=value) are not supported.", [1, 5]],
    ["{{@nothing}}", 'Unknown name "@nothing".', [1, 3]],
    ["{{#if a}}{{else}}{{else}}{{/if}}", "A block has one else.", [1, 20]],
  ])("%j: %s", (template, message, [line, column]) => {
    expect(() => parseTemplate(template)).toThrow(
      expect.objectContaining({ message, place: { line, column } }),
    );
  });

  it("bounds its output and its work", () => {
    const list = Array.from({ length: 2_000 }, () => "x");
    const many: Lookup = () => list;
    const loop = "{{#each a}}{{#each @root.a}}";
    const ends = "{{/each}}{{/each}}";
    expect(() => render(parseTemplate(`${loop}y${ends}`), many)).toThrow("longer than 262144 characters");
    expect(() => render(parseTemplate(`${loop}${"{{#if @root.b}}{{/if}}"}${ends}`), many)).toThrow(
      "repeats more than 1000000 times",
    );
    expect(() => parseTemplate("{{#if a}}".repeat(60))).toThrow("at most 50 deep");
    expect(() => parseTemplate(`{{#if a}}${"{{else if b}}".repeat(60)}{{/if}}`)).toThrow("at most 50 deep");
  });

  it("never throws anything but its own errors", () => {
    const parts = fc.constantFrom(
      "{{",
      "}}",
      "{{#each ",
      "{{/each}}",
      "{{else}}",
      "a",
      "[",
      "]",
      "~",
      ".",
      "../",
      "this",
      "@index",
      "\n",
      '"',
      "(",
      ")",
      "{{{",
      "}}}",
      "\\",
      "as |x|",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 16 }), (given) => {
        try {
          text(given.join(""));
        } catch (error) {
          expect(error).toMatchObject({ name: expect.stringMatching(/^(SyntaxFault|EvaluationFault)$/) });
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("inputs", () => {
  it("keep the type of a text that is one reference, and fill in all others", () => {
    const missing = new Set<string>();
    const input = compileInput({
      list: "{{[Step].[hosts].[0].[ips]}}",
      number: "{{ Step.count }}",
      text: "n={{Step.count}}",
      deep: [{ a: "{{[Step].[map].[y z]}}", b: "{{[Step].[gone]}}!" }],
      plain: 5,
      nothing: null,
    });
    expect(input.fill(lookup, missing)).toEqual({
      list: ["1.1.1.1", "2.2.2.2"],
      number: 2,
      text: "n=2",
      deep: [{ a: 2, b: "!" }],
      plain: 5,
      nothing: null,
    });
    expect([...missing]).toEqual(["{{[Step].[gone]}}"]);
    expect(() => compileInput({ ip: "{{[Step].[gone]}}" }).fill(lookup)).toThrow(
      expect.objectContaining({ message: "{{[Step].[gone]}} is not defined.", code: "expression.failed" }),
    );
  });

  it("tell which variables they use, and where a mistake is", () => {
    const used: unknown[] = [];
    compileInput({ a: ["x {{[S].[f]}}", "{{#each [T].[l]}}{{name}}{{/each}}"] }, (each) => used.push(each));
    expect(used).toEqual([
      { path: ["S", "f"], key: ["a", 0], place: { line: 1, column: 5 } },
      { path: ["T", "l"], key: ["a", 1], place: { line: 1, column: 9 } },
    ]);
    expect(() => compileInput({ a: { b: "{{#if x}}" } })).toThrow(
      expect.objectContaining({ name: "InputFault", key: ["a", "b"] }),
    );
  });
});
