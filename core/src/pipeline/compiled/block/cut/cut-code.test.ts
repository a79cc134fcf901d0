import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockKernel, EmittedModule } from "../../../../kernels/index.ts";
import { withoutStart } from "../../../regex/index.ts";
import { compileCutter } from "../../../steps/grok.ts";
import { StepError } from "../../../steps/step.ts";
import { scanOf } from "../../natives/scan.ts";
import { CarriedCode, type CarriedFunction, CutCode, Unwritten } from "./index.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 200);

/** What the code of some parts makes of some texts, as `inTurn` has it; undefined where a part has no code. Part `number` becomes its number. */
function cutBy(patterns: readonly string[], texts: readonly string[], number: number, carried?: CarriedCode) {
  const cutter = compileCutter(
    { source: "raw", patterns: patterns.map((pattern, at) => ({ fieldName: `log.f${at}`, pattern })) },
    { patterns: new Map() as never },
  );
  const kernel = BlockKernel.open(1 << 20)!;
  const module = new EmittedModule();
  const find = module.import("find", ["i32", "i32", "i32", "i32", "i32"], ["i32"]);
  const [source, open, all, missed] = [kernel.slot(), kernel.mask(), kernel.mask(), kernel.mask()];
  const targets = cutter.parts.map(() => kernel.slot());
  const parts = cutter.parts.map(({ regex: { compiled } }, index) => {
    if (!compiled.tree) throw new Unwritten();
    const scan = scanOf(compiled);
    const automaton = scan?.kind === "automaton" ? scan.automaton : undefined;
    const toNumber = index === number;
    return { regex: withoutStart(compiled.tree), automaton, target: targets[index], toNumber };
  });
  const name = CutCode.write({ module, find, kernel, open, carried }, source, parts);
  const laid = carried && hash("sha1", Buffer.concat([module.bytes(), kernel.memory]));
  const run = kernel.link(module)[name]!;
  const rows = new Uint32Array(texts.length * 4);
  let at = 0;
  for (const [index, text] of texts.entries()) {
    rows.set([at, at, at + text.length, at + text.length + 1], index * 4);
    at += text.length + 1;
  }
  const bytes = Buffer.from(`${texts.join("\n")}\n`, "latin1");
  kernel.memory.fill(1, all, all + texts.length);
  // Whatever an earlier block left there.
  kernel.memory.fill(1, missed, missed + texts.length);
  kernel.refresh();
  expect(kernel.begin(bytes, rows, 0, texts.length, source, open, 1 << 20)).toBe(texts.length);
  run(texts.length, all, missed);
  return {
    cutter,
    laid,
    found: texts.map((_, row) => {
      if (kernel.memory[open + row] === 1) return "open";
      const values = targets.map(({ kinds, places, numbers }) => {
        if (kinds[row] === 2) return numbers[row];
        if (kinds[row] !== 1) return undefined;
        return Buffer.from(kernel.memory.subarray(places[row * 2], places[row * 2 + 1])).toString("latin1");
      });
      if (kernel.memory[missed + row] === 0) return values.filter((value) => value !== undefined);
      return values.some((value) => value !== undefined) ? "missed, but written" : undefined;
    }),
  };
}

const same = (patterns: readonly string[], texts: readonly string[], number = -1): void => {
  const { cutter, found } = cutBy(patterns, texts, number);
  const made = (text: string, part: number) =>
    part === number && /^[0-9]{1,7}$/.test(text) ? Number(text) : text;
  const wanted = texts.map((text) => cutter.inTurn(text.trim())?.map(made) ?? undefined);
  expect(found).toEqual(
    found.map((value, row) =>
      value === "open" ? value : texts[row]!.trim() === "" ? undefined : wanted[row],
    ),
  );
};

const set = fc.constantFrom(
  "a",
  "b",
  " ",
  ":",
  '"',
  "[0-9]",
  "[a-c]",
  "[^a]",
  "[^\\s:]",
  "\\S",
  "\\w",
  ".",
  "(?s:.)",
  "[ab:]",
  "[+-]",
  "\\\\",
  "[^0-9a-z]",
  "\u00e9",
);
const count = fc.constantFrom(
  "",
  "",
  "*",
  "+",
  "?",
  "{2}",
  "{1,3}",
  "{0,4}",
  "*?",
  "+?",
  "??",
  "{2,}",
  "{17}",
  "{1,40}",
);
const { regex } = fc.letrec<{ regex: string; item: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 6, arbitrary: set },
    {
      weight: 2,
      arbitrary: fc.constantFrom("ab", "b: ", "port ", '"a', "a-long-text ", "a text of more than 16 bytes"),
    },
    { weight: 1, arbitrary: fc.constant("$") },
    { weight: 2, arbitrary: tie("regex").map((inner) => `(?:${inner})`) },
  ),
  item: fc
    .tuple(tie("atom"), count)
    .map(([atom, times]) => (times === "" || atom === "$" ? atom : `(?:${atom})${times}`)),
  regex: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.array(tie("item"), { minLength: 1, maxLength: 4 }).map((items) => items.join("")),
    },
    { weight: 1, arbitrary: fc.tuple(tie("regex"), tie("regex")).map((ways) => ways.join("|")) },
  ),
}));
const texts = fc.array(
  fc
    .array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constantFrom("a", "b", "c", "x", "0", "12", " ", ":", '"', "\\", "-", "+", "\t"),
        },
        fc.constantFrom(
          "ab",
          "b: ",
          "port ",
          '"a',
          "a-long-text ",
          "a text of more than 16 bytes",
          "x".repeat(17),
        ),
        fc.string({ unit: "binary-ascii", maxLength: 20 }).map((text) => text.replaceAll(/[\n\r\v\f]/g, "")),
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join("")),
  { minLength: 1, maxLength: 40 },
);

describe("code that cuts", () => {
  it("finds what the expression finds, of any expressions and texts", { timeout: 600_000 }, () => {
    let written = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.array(regex, { minLength: 1, maxLength: 3 }), texts, (patterns, list) => {
        try {
          same(patterns, list);
          written++;
        } catch (error) {
          // What has neither code nor an automaton is cut as before; what is no expression is no case.
          if (!(error instanceof Unwritten || error instanceof StepError)) throw error;
          refused++;
        }
      }),
      { numRuns: runs * 2 },
    );
    expect(written).toBeGreaterThan(refused);
  });

  it("finds runs within sixteen bytes, and the last of a character", () => {
    const run = fc
      .tuple(
        fc.constantFrom("[0-9]", "[a-c]", "x", "[^:]", "\\S"),
        fc.constantFrom("{1,3}", "{0,2}", "{2,4}", "?", "", "{2}", "{1,7}"),
      )
      .map(([own, times]) => own + times);
    const between = fc.constantFrom(":", "\\.", "-", ": ", "");
    const way = fc.oneof(
      fc.array(fc.tuple(run, between), { minLength: 2, maxLength: 5 }).map((some) => some.flat().join("")),
      fc.tuple(run, between, run).map(([one, by, other]) => `${one}(?:${by}${other}){3}`),
      fc
        .tuple(fc.constantFrom(".", "[^x]", "\\S", "(?s:.)"), fc.constantFrom(":", "x", " ", "a"))
        .map(([own, last]) => `${own}*${last}`),
    );
    const own = fc
      .array(fc.constantFrom("1", "22", "333", "a", "bb", "x", ":", ".", "-", " ", "x".repeat(15)), {
        minLength: 1,
        maxLength: 24,
      })
      .map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(
        fc.array(way, { minLength: 1, maxLength: 2 }),
        fc.array(own, { minLength: 1, maxLength: 20 }),
        (patterns, list) => {
          try {
            same(patterns, list);
          } catch (error) {
            if (!(error instanceof Unwritten || error instanceof StepError)) throw error;
          }
        },
      ),
      { numRuns: runs * 2 },
    );
  });

  it("finds what it finds behind heads that are the same as in the text before", () => {
    const head = fc.oneof(
      { weight: 2, arbitrary: regex },
      fc.constantFrom(
        "(?:<[0-9]{1,3}>)?(?:[a-z]{2} [ 0-9]?[0-9] [0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}T(?:Z|[+-][0-9]{2})) ",
        "\\S+ ",
        "[^\\s:]{1,64}",
        "(?:a|ab|b: )",
        "(?:ab|ba)?[a-c]{1,20}",
        "[a-z]{2,3}:? ",
        "x{1,40}",
      ),
    );
    const piece = fc.constantFrom(
      "a",
      "ab",
      "abc ",
      "b: ",
      "ab 12 11:22 ",
      "2026-11TZ ",
      "x".repeat(15),
      " ",
    );
    const begins = fc.array(fc.array(piece, { minLength: 2, maxLength: 9 }), { minLength: 1, maxLength: 3 });
    const behind = fc.constantFrom("1", "22 a", "4444: x", "", " 7", "a", "12345678", ":5", "x".repeat(9));
    const lines = fc.array(fc.tuple(fc.nat(), behind), { minLength: 2, maxLength: 30 });
    const heads = fc.array(head, { minLength: 2, maxLength: 3 });
    let written = 0;
    fc.assert(
      fc.property(heads, begins, lines, (patterns, some, list) => {
        const all = list.map(([which, tail]) => some[which % some.length]!.join("") + tail);
        try {
          same([...patterns, "[0-9]{1,9}", "(?s:.*)"], all, patterns.length);
          written++;
        } catch (error) {
          if (!(error instanceof Unwritten || error instanceof StepError)) throw error;
        }
      }),
      { numRuns: runs * 2 },
    );
    expect(written).toBeGreaterThan(runs / 2);
  });

  it("is the same carried as written", () => {
    fc.assert(
      fc.property(fc.array(regex, { minLength: 1, maxLength: 4 }), texts, (patterns, list) => {
        const made: Record<string, CarriedFunction> = {};
        const noting = new CarriedCode({}, (key, one) => {
          made[key] = one;
        });
        const tried = (carried: CarriedCode) => {
          try {
            const { laid, found } = cutBy(patterns, list, 1, carried);
            return { laid, found };
          } catch (error) {
            if (!(error instanceof Unwritten || error instanceof StepError)) throw error;
            return error.constructor;
          }
        };
        const written = tried(new CarriedCode({}));
        expect(tried(noting)).toEqual(written);
        const known = new CarriedCode(JSON.parse(JSON.stringify(made)));
        expect(tried(known)).toEqual(written);
        expect(known.written).toBe(0);
      }),
      { numRuns: Math.min(runs, 100) },
    );
  });

  it.each([
    {
      name: "a word behind the last of many",
      patterns: [".* port ", "[0-9]{1,5}"],
      texts: ["x port y port 22", " port 1", "port 1", "x port 123456"],
    },
    {
      name: "a text in quotes",
      patterns: ['"(?:[^"\\\\]|\\\\.)*"(?: |$)', ".*"],
      texts: ['"a \\" b" c', '"a\\', '"', '""', '"a"b', `"${"x".repeat(40)}\\"" y`],
    },
    {
      name: "an address",
      patterns: ["(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,41}) ", "x"],
      texts: [
        "192.0.2.1 x",
        "2001:db8::1 x",
        "1.2.3 x",
        "::ffff:1.2.3.4 x",
        "1234.5.6.7 x",
        "192.168.100.200 x",
        "1.2.3.4",
      ],
    },
    {
      name: "a time, and bytes behind it",
      patterns: ["[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}"],
      texts: [
        "10/Oct/2026:13:55:36 +0200",
        "10/Oct/2026:13:55:36 ,0200",
        "10/Oct/2026:13:55:36 +020",
        "10/oct/2026:13:55:36 +0200",
      ],
    },
    {
      name: "words of which one begins like another",
      patterns: ["(?:PUT|POST|PATCH|P) ", "[^?#]+"],
      texts: ["POST /a?b", "P /", "PUTT /", "PATCH #", "PUT  x"],
    },
  ])("cuts $name", ({ patterns, texts: list }) => {
    same(patterns, list);
  });

  it("takes time that grows with the text alone", () => {
    const text = `${"a".repeat(60_000)}b`;
    const before = process.cpuUsage();
    for (const patterns of [
      [".*a port "],
      ["(?:a|ab)*c"],
      ["[^b]*ab: "],
      ["(?:.* )?from "],
      ["(?:a{0,4}:|a{1,3}b|a+c)"],
    ]) {
      same(patterns, [text, text.slice(1)]);
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(20);
  });
});
