import type { Alert, Event } from "@vedette/sdk";
import { makeAlert } from "../alert.ts";
import type { Correlation } from "./correlation.ts";

/** A timespan in the largest unit that divides it. */
function spanText(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each && ms % each === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

const names = { count: "events", distinct: "distinct values", sum: "sum", average: "average" } as const;

function measuredText({ question, members }: Correlation, values: readonly number[]): string {
  const of = members.map(({ label }) => label).join(", ");
  if (question.kind === "occurrence") return `${of}${question.ordered ? " in this order" : ""}`;
  const parts = question.measures.map(({ kind, percentile }, at) => {
    const value = Math.round((values[at] ?? 0) * 1_000) / 1_000;
    if (question.of === "member") return `${value} of the rules`;
    if (kind === "percentile" && (percentile === 0 || percentile === 100))
      return `${percentile === 0 ? "least" : "largest"} value ${value}`;
    if (kind === "percentile") return `percentile ${percentile} ${value}`;
    if (kind === "distinct" && (members[0]?.fields.length ?? 0) > 1) return `${value} distinct combinations`;
    return kind === "count" || kind === "distinct" ? `${value} ${names[kind]}` : `${names[kind]} ${value}`;
  });
  return `${parts.join(", ")} of ${of}`;
}

export interface Story {
  readonly id: string;
  readonly event: Event;
  /** Oldest first, without the event itself. */
  readonly before: readonly Event[];
  readonly values: readonly string[];
  readonly measured: readonly number[];
}

/** The alert of a correlation: that of a rule, with what was found in words behind its description. */
export function correlationAlert(
  correlation: Correlation,
  { id, event, before, values, measured }: Story,
  now: number,
): Alert {
  const { template, groupBy, timespanMs } = correlation;
  const group = groupBy.map((name, at) => `${name} = ${(values[at] ?? "").slice(0, 200)}`).join(", ");
  const found = `${measuredText(correlation, measured)} within ${spanText(timespanMs)}${group === "" ? "" : ` for ${group}`}.`;
  const { description } = template;
  const words = description === "" ? found : `${description}\n\n${found}`;
  return makeAlert({ id }, { ...template, description: words }, event, before, now);
}
