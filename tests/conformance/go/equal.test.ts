import { buildGoOracle, type GoPlugins, withoutGo } from "@vedette/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileCel, docOf } from "../../../core/src/pipeline/cel/index.ts";
import { compilePath } from "../../../core/src/pipeline/paths/index.ts";
import { prefixRegex, searchRegex } from "../../../core/src/pipeline/patterns/index.ts";
import { splitRecord } from "../../../core/src/pipeline/steps/csv.ts";
import { compileFormat, compileParse } from "../../../core/src/pipeline/time/index.ts";
import { type Answer, askGo, type Question } from "./oracle.ts";
import * as questions from "./questions.ts";

const numRuns = Number(process.env["VEDETTE_GO_QUESTIONS"] ?? 4_000);
const seed = Number(process.env["VEDETTE_GO_SEED"] ?? 1);
const sample = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { numRuns, seed });

/** What ours makes of a question; undefined where it refuses. */
function ours<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** RFC 3339 in an offset of minutes. */
function isoOf([seconds, offset]: readonly [number, number]): string {
  const text = new Date(seconds * 1_000 + offset * 60_000).toISOString().slice(0, 19);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const [sign, minutes] = [offset < 0 ? "-" : "+", Math.abs(offset)];
  return offset === 0 ? `${text}Z` : `${text}${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
}

describe.skipIf(withoutGo !== undefined)(`ours and Go's${withoutGo ? `: ${withoutGo}` : ""}`, () => {
  let go: GoPlugins;
  beforeAll(async () => {
    go = await buildGoOracle();
  }, 600_000);
  afterAll(() => go?.remove());

  /** Questions of which both sides make something else, with both answers. */
  async function differences<Q extends Question>(
    asked: readonly Q[],
    differ: (question: Q, answer: Answer) => unknown,
  ): Promise<unknown[]> {
    const answers = await askGo(go.file("oracle"), asked);
    return asked.flatMap((question, at) => {
      const found = differ(question, answers[at]!);
      return found === undefined ? [] : [{ ...question, go: answers[at], ours: found }];
    });
  }
  const unlike = (left: unknown, right: unknown): boolean => JSON.stringify(left) !== JSON.stringify(right);

  it("read the same at a path of gjson", async () => {
    const asked = sample(fc.tuple(questions.json, questions.path)).map(
      ([json, path]) => ({ ask: "path", text: JSON.stringify(json), path }) as const,
    );
    let found = 0;
    const bad = await differences(asked, ({ text, path }, answer) => {
      const value = ours(() => compilePath(path).read(JSON.parse(text)));
      if (answer.text !== undefined) found++;
      const wanted: unknown = answer.text === undefined ? undefined : JSON.parse(answer.text);
      return unlike(value, wanted) ? { value } : undefined;
    });
    expect(bad).toEqual([]);
    expect(found).toBeGreaterThan(numRuns / 25);
  });

  it("read and write the same times by layouts", async () => {
    const made = sample(
      fc.tuple(questions.anyLayout, questions.anyLayout, questions.moment, questions.damage),
    );
    const texts = await askGo(
      go.file("oracle"),
      made.map(([to, , moment]) => ({
        ask: "time",
        text: isoOf(moment),
        from: "2006-01-02T15:04:05Z07:00",
        to,
      })),
    );
    const asked = made.map(([from, to, , hurt], index) => {
      const whole = texts[index]!.text ?? "";
      const at = (hurt?.at ?? 0) % (whole.length + 1);
      const text = hurt ? whole.slice(0, at) + hurt.put + whole.slice(at + 1) : whole;
      return { ask: "time", text, from, to } as const;
    });
    let read = 0;
    const bad = await differences(asked, ({ text, from, to }, answer) => {
      const moment = ours(() => compileParse(from)(text, Date.UTC(2026, 5, 1)));
      const written = moment && compileFormat(to)(moment);
      if (answer.text !== undefined) read++;
      return written === answer.text ? undefined : { written };
    });
    expect(bad).toEqual([]);
    expect(read).toBeGreaterThan(numRuns / 2);
  });

  it("find the same by a regular expression, anywhere and at the start", async () => {
    const asked = sample(fc.tuple(questions.pattern, questions.subject)).map(
      ([pattern, text]) => ({ ask: "regex", text, pattern }) as const,
    );
    let found = 0;
    const bad = await differences(asked, ({ pattern, text }, { place, error }) => {
      if (place) found++;
      const start = place?.[0] === 0 ? Buffer.from(text).subarray(0, place[1]).toString().length : -1;
      const value = ours(() => [searchRegex(pattern, {}).test(text), prefixRegex(pattern, {}).match(text)]);
      const wanted = error === undefined ? [place !== undefined, start] : undefined;
      return unlike(value, wanted) ? { value } : undefined;
    });
    expect(bad).toEqual([]);
    expect(found).toBeGreaterThan(numRuns / 4);
  });

  it("split the same columns where Go takes the line", async () => {
    const asked = sample(questions.csvLine).map(
      ({ separator, cells }) => ({ ask: "csv", text: cells.join(separator), separator }) as const,
    );
    let split = 0;
    const bad = await differences(asked, ({ text, separator }, { columns }) => {
      if (!columns) return undefined;
      split++;
      const value = ours(() => splitRecord(text, separator, 1_024));
      return unlike(value, columns) ? { value } : undefined;
    });
    expect(bad).toEqual([]);
    expect(split).toBeGreaterThan(numRuns / 4);
  });

  it("hold conditions for the same where CEL of Go takes them", async () => {
    const asked = sample(questions.expression).map((text) => ({ ask: "cel", text }) as const);
    let taken = 0;
    const bad = await differences(asked, ({ text }, { error, value }) => {
      if (error !== undefined) return undefined;
      taken++;
      const held = ours(() => compileCel(text).test(docOf({ dataType: "x" } as never)));
      return held === value ? undefined : { held };
    });
    expect(bad).toEqual([]);
    expect(taken).toBeGreaterThan(numRuns / 4);
  });
});
