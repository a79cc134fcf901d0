import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PipelineSet } from "../../runner.ts";
import { load, logsOf } from "../testing/steps.ts";
import { compiled, inBlocks, interpreted } from "../testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 150);

const counters = (set: PipelineSet) => set.steps.map((step) => step.counters);
const pick = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

/** Says that a pipeline has a form for blocks, which says what the interpreter says, with every counter, when it has learned too. */
function sameFor(steps: fc.Arbitrary<string>, line: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(steps, fc.array(line, { minLength: 4, maxLength: 30 }), (text, lines) => {
      const logs = logsOf(lines);
      const [slow, plain, block] = [load(text), load(text), load(text)];
      expect(block.columns("test").noBlock).toBeUndefined();
      const wanted = interpreted(slow, logs);
      expect(compiled(plain, logs)).toEqual(wanted);
      expect(inBlocks(block, logs)).toEqual(wanted);
      expect(counters(block)).toEqual(counters(slow));
      // Each line alone shows what the others have taught.
      for (const [index, log] of logs.entries()) {
        expect(inBlocks(block, [log])).toEqual([wanted[index]]);
        interpreted(slow, [log]);
      }
      expect(counters(block)).toEqual(counters(slow));
    }),
    { numRuns: runs },
  );
}

const names = pick("a", "b", "c", "o", "p", "list", "k1", "k2", "k1", "x.y", "o.n", "q r", "item", "deep");
const scalar = pick(
  '"x"',
  '""',
  '"-"',
  "null",
  "7",
  "0",
  "true",
  "false",
  '"12"',
  '"é"',
  "1.5",
  '"q\\"r"',
  "1e3",
);
const { value } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    { weight: 5, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }).map((list) => `[${list.join(",")}]`) },
    { weight: 2, arbitrary: tie("object") },
  ),
  object: fc
    .array(fc.tuple(names, tie("value")), { maxLength: 4 })
    .map((list) => `{${list.map(([key, item]) => `"${key}":${item}`).join(",")}}`),
}));
/** Objects with the same keys, mostly. */
const lines = fc
  .array(fc.tuple(names, value), { maxLength: 7 })
  .map((list) => `{${list.map(([key, item]) => `"${key}":${item}`).join(",")}}`);

/** Mostly one of some texts, now and then one of others. */
const mostly = (usual: readonly string[], other: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 14, arbitrary: pick(...usual) }, { weight: 1, arbitrary: pick(...other) });
const tags = mostly(
  ["a", "b", "E", "o", "k2", "a_1", "q"],
  ["System", "EventID", "Data", "a-b", "s:a", "__proto__", "1x"],
);
const words = mostly(
  ["", "x", "-", " y ", "7", "a&amp;b", "&lt;&quot;x&apos;&gt;"],
  ["&#65;", "&none;", "]]>", "a\tb", "é", "<!-- c -->"],
);
const attribute = fc
  .tuple(mostly(["a", "b", "c", "q"], ["Name", "Qualifiers", "xmlns", "text"]), words, pick("'", '"'))
  .map(([name, text, quote]) => ` ${name}=${quote}${text}${quote}`);
const attributes = fc.array(attribute, { maxLength: 2 }).map((some) => some.join(""));
const label = fc.tuple(mostly(["a", "b", "c", "q r", "k1", "n", "z"], ["x.y", ""]), words);
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc.oneof(
    { depthSize: "small" },
    { weight: 4, arbitrary: label.map(([name, text]) => `<Data Name='${name}'>${text}</Data>`) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(tags, attributes, words, pick("/>", "></>", " />", " ></>"))
        .map(([tag, given, text, end]) =>
          end.endsWith("></>") ? `<${tag}${given}>${text}</${tag}>` : `<${tag}${given}${end}`,
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tags, attributes, fc.array(tie("element"), { maxLength: 3 }), mostly(["", " "], ["t"]))
        .map(([tag, given, inner, between]) => `<${tag}${given}>${inner.join(between)}</${tag}>`),
    },
  ),
}));
/** Documents of which most are events. */
const documents = fc
  .tuple(
    mostly(["", " "], ['<?xml version="1.0"?>', "- "]),
    mostly(["", " xmlns='urn:x'", " a='1'"], [" xmlns='urn:x' xmlns='urn:y'"]),
    mostly(
      ["<EventID>1</EventID>", "<EventID Qualifiers='16'>2</EventID>", ""],
      ["<EventID Qualifiers='1' a='2'>3</EventID>"],
    ),
    fc.array(element, { maxLength: 3 }),
    fc.array(element, { maxLength: 4 }),
    mostly(["</Event>", "</Event>  "], ["</Event>x", "</Even>", ""]),
  )
  .map(
    ([head, given, id, system, data, end]) =>
      `${head}<Event${given}><System>${id}${system.join("")}</System><E>${data.join(" ")}</E>${end}`,
  );

const list = (all: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(all, { maxLength: 5 }).map((some) => some.map((one) => `, ${one}`).join(""));

const between = pick(
  "{rename: {from: [log.e.a], to: action}}",
  "{rename: {from: [log.e.o.n, log.e.b], to: log.moved}}",
  "{rename: {from: [log.e.list.0.a, log.e.c], to: log.first}}",
  "{rename: {from: [log.e.list.0], to: action}}",
  "{set: {fields: {log.all: '{{log.e.list.#.a}}', log.one: '{{log.e.o.n}}'}}}",
  "{set: {fields: {log.copy: '{{log.e.deep}}', protocol: '{{log.e.a}}'}}}",
  "{set: {fields: {log.in: '{{log.e.deep.a}}'}}}",
  "{set: {fields: {log.e.o.n: new}, where: 'exists(\"log.e.o\")'}}",
  "{add: {function: string, params: {key: log.e.p.new, value: v}}}",
  "{cast: {fields: [log.e.a, log.e.o.n], to: string}}",
  "{cast: {fields: [log.e.b], to: int}}",
  "{cast: {fields: [log.e.c, log.e.o.n], to: float}}",
  "{split: {source: log.e.c, separator: '-', where: 'exists(\"log.e.c\")'}}",
  "{split: {source: log.e.a, separator: x, fields: [log.e.b, log.rest], where: 'exists(\"log.e.a\")'}}",
  "{add: {function: string, params: {key: log.none, value: v}, where: 'log.e.deep == null'}}",
  "{rename: {from: [log.e.c], to: origin.packagesSent}}",
  "{delete: {fields: [log.e.o]}}",
  "{delete: {fields: [log.e.p, log.e.a]}}",
  "{delete: {fields: [log.e], where: '!exists(\"log.e.a\")'}}",
  '{delete: {fields: [log.e], where: \'exists("log.e.o") && !exists("log.e.b")\'}}',
  "{lookup: {source: log.e.deep.a, target: severity, table: {x: high, '7': low}}}",
  "{grok: {source: log.e.b, patterns: [{fieldName: log.e.o.n, pattern: '[a-z]+'}]}}",
  '{add: {function: string, params: {key: log.seen, value: v}, where: \'exists("log.e") && !exists("log.e.p")\'}}',
);
const moving = pick(
  "{set: {fields: {log.d: '{{log.e}}'}, where: '!exists(\"log.d\")'}}",
  "{set: {fields: {log.d: '{{log.e}}'}, where: 'exists(\"log.e.a\")'}}",
  "{set: {fields: {log.d: '{{log.e.deep}}'}, where: '!exists(\"log.d\")'}}",
  "{set: {fields: {log.d: '{{log.e.p}}'}}}",
  "{set: {fields: {log.d.k1: made}}}",
  "{delete: {fields: [log.d.a, log.d.k1]}}",
  "{delete: {fields: [log.d], where: '!exists(\"log.e.b\")'}}",
  "{delete: {fields: [log.e]}}",
  '{switch: {cases: [{where: \'exists("log.e.k2")\', steps: [{set: {fields: {log.d: "{{log.e}}"}}}]}, {where: \'exists("log.e.o.a")\', steps: [{set: {fields: {log.d: "{{log.e.o}}"}}}]}]}}',
);
const below = pick(
  "{rename: {from: [log.d.a], to: action}}",
  "{rename: {from: [log.d.n, log.d.b], to: log.moved2}}",
  "{cast: {fields: [log.d.c], to: int}}",
  '{add: {function: string, params: {key: log.had, value: v}, where: \'exists("log.d") && !exists("log.d.a")\'}}',
  "{lookup: {source: log.d.b, target: severity, table: {x: high, '7': low}}}",
);
const clean =
  '{foreach: {source: log.e, steps: [{delete: {fields: [log.item], where: \'oneOf("log.item", ["-", "", "x"])\'}}]}}';
const spread = pick(
  '{foreach: {source: log.e, key: log.key, steps: [{set: {fields: {"log.{{log.key}}": "{{log.item}}"}, where: \'!oneOf("log.key", ["e", "item", "key"])\'}}]}}',
  '{foreach: {source: log.e, key: log.key, steps: [{lookup: {source: log.key, target: log.key, table: {k1: one, b: two}}}, {set: {fields: {"log.{{log.key}}": "{{log.item}}"}, where: \'regexMatch("log.key", "^[a-z0-9]+$") && !oneOf("log.key", ["e", "item"])\'}}]}}',
);

describe("objects below a field", { timeout: 600_000 }, () => {
  it("are read as the interpreter reads them, with what steps do to their fields", () => {
    sameFor(
      fc
        .tuple(list(between), pick("", ", {delete: {fields: [log.e.k1]}}", ", {delete: {fields: [log.e]}}"))
        .map(
          ([steps, end]) =>
            `{expand: {source: raw, to: log.e}}, {set: {fields: {log.kept: '{{log.e.a}}'}}}${steps}${end}`,
        ),
      lines,
    );
  });

  it("are gone through field by field", () => {
    sameFor(
      fc
        .tuple(fc.boolean(), list(between), fc.boolean(), spread, pick("", "where: 'exists(\"log.kept\")'"))
        .map(([first, steps, second, spreads, where]) => {
          const all = [
            "{expand: {source: raw, to: log.e}}",
            "{set: {fields: {log.kept: '{{log.e.a}}'}}}",
            ...(first ? [clean] : []),
          ].join(", ");
          const spreading =
            where === ""
              ? spreads
              : `{switch: {cases: [{${where}, steps: [${spreads}]}, {set: {log.not: 1}}]}}`;
          return `${all}${steps}${second ? `, ${spreading}` : ""}, {delete: {fields: [log.e]}}`;
        }),
      lines,
    );
  });

  it("are put in the place of others, whole", () => {
    sameFor(
      fc
        .tuple(list(between), list(moving), list(below), fc.boolean(), pick("log.e", "log.d", "log.e, log.d"))
        .map(
          ([steps, moves, later, isClean, end]) =>
            `{expand: {source: raw, to: log.e}}, {set: {fields: {log.kept: '{{log.e.a}}'}}}${steps}, {set: {fields: {log.d: '{{log.e.o}}'}}}${moves}${isClean ? `, ${clean.replace("log.e", "log.d")}` : ""}${later}, {rename: {from: [log.d.q r, log.d.c], to: log.last}}, {delete: {fields: [${end}]}}`,
        ),
      lines,
    );
  });

  it("are put in the place of others, and gone through", () => {
    sameFor(
      fc
        .tuple(list(moving), spread, pick("log.e", "log.d"), pick("log.e", "log.d", "log.e, log.d"))
        .map(
          ([moves, spreads, source, end]) =>
            `{expand: {source: raw, to: log.e}}, {set: {fields: {log.kept: '{{log.e.a}}'}}}, {set: {fields: {log.d: '{{log.e.o}}'}}}${moves}, {rename: {from: [log.d.q r, log.d.c], to: log.last}}, {switch: {cases: [{where: 'exists("${source}")', steps: [${spreads.replace("source: log.e", `source: ${source}`)}]}]}}, {delete: {fields: [${end}]}}`,
        ),
      lines,
    );
  });

  it("are read from documents", () => {
    sameFor(
      fc
        .tuple(list(moving), list(below), fc.boolean(), pick("log.Event", "log.e", "log.d"))
        .map(
          ([moves, later, isClean, end]) =>
            `{xml: {source: raw}}, {set: {fields: {log.kept: '{{log.Event.System.EventID}}', log.by: '{{log.Event.System.Provider.Name}}'}}}, {set: {fields: {log.d: '{{log.Event.E}}'}}}${isClean ? `, ${clean.replace("log.e", "log.d")}` : ""}${moves.replaceAll("log.e", "log.Event")}${later}, {rename: {from: [log.d.q r, log.d.c], to: log.last}}, {delete: {fields: [${end}]}}`,
        ),
      documents,
    );
  });

  it("are put together of columns", () => {
    sameFor(
      fc
        .tuple(list(between), fc.boolean(), spread)
        .map(
          ([steps, isClean, spreads]) =>
            `{csv: {source: raw, headers: [log.e.a, log.e.b, '', log.e.o.n, log.e.k1]}}${isClean ? `, ${clean}` : ""}${steps}, ${spreads}, {delete: {fields: [log.e]}}`,
        ),
      fc.array(pick("1", "x", "-", "", '"q,r"', "7"), { maxLength: 6 }).map((parts) => parts.join(",")),
    );
  });
});
