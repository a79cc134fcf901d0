import { messageOf } from "@vedette/sdk";
import {
  type Bounds,
  type Measure,
  type Question,
  rising,
  type Shape,
  type Term,
  within,
} from "../windows/index.ts";
import { namesIn, parseCondition, termsOf } from "./expression.ts";
import { type ConditionMap, type Section, timespanOf } from "./schema.ts";

type Fault = (path: readonly PropertyKey[], message: string, suggestion?: string) => void;

/** Largest count that is asked for; each group keeps twice as many events. */
const maxCount = 100_000;

/** The rules of a correlation as they are written: those of the list, or of the condition where there is none. */
export function rulesIn({ rules, condition, type }: Section, fault: Fault): readonly string[] {
  if (rules.length > 0) {
    for (const [at, name] of rules.entries()) {
      if (rules.indexOf(name) < at) fault(["rules", at], `"${name}" is there twice.`);
    }
    return rules;
  }
  if (typeof condition === "string" && type.startsWith("temporal")) {
    try {
      return namesIn(parseCondition(condition));
    } catch {
      return [];
    }
  }
  fault(["rules"], "Missing; a correlation looks at one rule at least.");
  return [];
}

/** What a correlation asks; undefined after a fault. */
export function questionOf(section: Section, rules: readonly string[], fault: Fault): Question | undefined {
  if (section.type === "temporal" || section.type === "temporal_ordered")
    return occurrence(section, rules, fault);
  const shape = shapeOf(section, fault);
  const { condition } = section;
  if (typeof condition === "string") {
    fault(
      ["condition"],
      `A condition over rules is for temporal and temporal_ordered, not for ${section.type}.`,
    );
    return undefined;
  }
  if (!condition || !hasBounds(condition)) {
    fault(["condition"], "Missing; it needs one of gt, gte, lt, lte, eq, neq.");
    return undefined;
  }
  const values = section.type.startsWith("value_");
  if (values && condition.field === undefined)
    fault(["condition"], `Missing "field"; ${section.type} measures one.`);
  if (!values && condition.field !== undefined)
    fault(["condition", "field"], `${section.type} measures no field.`, "Did you mean type: value_count?");
  const fields = condition.field?.length ?? 1;
  if (fields === 0) fault(["condition", "field"], "It names no field.");
  if (fields > 1 && section.type !== "value_count")
    fault(
      ["condition", "field"],
      `${section.type} measures one field; only value_count takes several, whose values together it counts.`,
      "Write a correlation for each.",
    );
  const measure = measureOf(section.type, condition, fault);
  if (!measure) return undefined;
  const of = {
    count: "nothing",
    distinct: "text",
    sum: "number",
    average: "number",
    percentile: "number",
  } as const;
  return { kind: "measure", of: of[measure.kind], measures: [measure], shape };
}

const hasBounds = ({ gt, gte, lt, lte, eq, neq }: ConditionMap): boolean =>
  [gt, gte, lt, lte, eq, neq].some((each) => each !== undefined);

function measureOf(type: Section["type"], condition: ConditionMap, fault: Fault): Measure | undefined {
  const { field: _field, percentile, ...bounds } = condition;
  const counts = type === "event_count" || type === "value_count";
  for (const [name, value] of Object.entries(bounds)) {
    if (!counts || value === undefined) continue;
    if (!Number.isInteger(value) || value < 0 || value > maxCount)
      fault(["condition", name], `A count is a whole number up to ${maxCount}.`);
  }
  if (percentile !== undefined && type !== "value_percentile")
    fault(["condition", "percentile"], `${type} has no percentile.`, "Did you mean type: value_percentile?");
  switch (type) {
    case "event_count":
      return { kind: "count", bounds };
    case "value_count":
      return { kind: "distinct", bounds };
    case "value_sum":
      return { kind: "sum", bounds };
    case "value_avg":
      return { kind: "average", bounds };
    case "value_min":
      return { kind: "percentile", percentile: 0, bounds };
    case "value_max":
      return { kind: "percentile", percentile: 100, bounds };
    case "value_median":
      return { kind: "percentile", percentile: 50, bounds };
    default:
      if (percentile === undefined)
        fault(["condition"], 'Missing "percentile"; value_percentile needs to know which, such as 95.');
      return percentile === undefined ? undefined : { kind: "percentile", percentile, bounds };
  }
}

function shapeOf({ window, gap, timespan }: Section, fault: Fault): Shape {
  const gapMs = gap === undefined ? undefined : timespanOf(gap)!;
  if (window !== "session") {
    if (gapMs !== undefined) fault(["gap"], 'A gap is for "window: session".');
    return { kind: window };
  }
  if (gapMs === undefined) fault(["window"], 'A session needs a "gap": how far apart its events may be.');
  else if (gapMs > timespanOf(timespan)!) fault(["gap"], "A gap is at most the timespan.");
  return { kind: "session", gapMs: gapMs ?? 0 };
}

function occurrence(section: Section, rules: readonly string[], fault: Fault): Question | undefined {
  const { condition, type, window, gap } = section;
  if (window !== "sliding" || gap !== undefined) fault(["window"], `${type} has sliding windows only.`);
  const ordered = type === "temporal_ordered";
  const all = rules.map((_, place) => place);
  if (typeof condition === "string") {
    try {
      const terms = termsOf(parseCondition(condition), (name) => {
        const place = rules.indexOf(name);
        if (place < 0) throw new RangeError(`"${name}" is none of its rules`);
        return place;
      });
      return { kind: "occurrence", ordered, terms };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fault(
        ["condition"],
        `The condition cannot be used: ${messageOf(error)}.`,
        "Write it as: a and b and not c.",
      );
      return undefined;
    }
  }
  if (rules.length < 2) fault(["rules"], `${type} needs two rules at least.`);
  if (condition?.field !== undefined || condition?.percentile !== undefined)
    fault(["condition"], `${type} counts rules; it measures no field.`);
  if (!condition || !hasBounds(condition))
    return { kind: "occurrence", ordered, terms: [{ present: all, absent: [] }] };
  const { field: _field, percentile: _percentile, ...bounds } = condition;
  if (!ordered)
    return {
      kind: "measure",
      of: "member",
      measures: [{ kind: "distinct", bounds }],
      shape: { kind: "sliding" },
    };
  try {
    return { kind: "occurrence", ordered, terms: partsOf(rules.length, bounds) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    fault(
      ["condition"],
      `The condition cannot be used: ${error.message}.`,
      "Name the rules in a condition such as: a and (b or c).",
    );
    return undefined;
  }
}

/** Ways in which a part of rules may occur. */
const maxParts = 256;

/**
 * The ways in which so many of all rules as bounds say occur. Where more are as good, as many as are needed are enough; else all others
 * must be absent. Throws a RangeError that says what is wrong.
 */
function partsOf(rules: number, bounds: Bounds): Term[] {
  const sizes = Array.from({ length: rules }, (_, at) => at + 1).filter((size) => within(bounds, size));
  if (sizes.length === 0) throw new RangeError(`there are ${rules} rules, so it can never hold`);
  const wanted = rising(bounds) ? sizes.slice(0, 1) : sizes;
  const terms: Term[] = [];
  const choose = (size: number, present: readonly number[], from: number): void => {
    if (terms.length > maxParts) return;
    if (present.length === size) {
      const absent = Array.from({ length: rules }, (_, at) => at).filter((at) => !present.includes(at));
      terms.push({ present, absent: rising(bounds) ? [] : absent });
      return;
    }
    for (let at = from; at < rules; at++) choose(size, [...present, at], at + 1);
  };
  for (const size of wanted) choose(size, [], 0);
  if (terms.length > maxParts) throw new RangeError(`it can hold in more than ${maxParts} ways`);
  return terms;
}
