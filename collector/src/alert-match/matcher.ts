import { didYouMean } from "@vedette/core/config";
import { compileCidr, docOf } from "@vedette/core/pipeline";
import { type Alert, alertFields, eventFields } from "@vedette/sdk";
import { z } from "zod";
import { termsOf } from "../correlate/index.ts";
import { compileWildcard } from "./wildcard.ts";

export const operators = ["is", "isNot", "cidr"] as const;

/** Bounds of what one silence, window or exception says. */
export const matcherLimits = { matchers: 20, values: 100, valueLength: 512, fieldLength: 200 } as const;

/** One condition on an alert; a list of them holds where all do. */
export const matcherSchema = z
  .strictObject({
    field: z
      .string()
      .min(1)
      .max(matcherLimits.fieldLength)
      .superRefine((field, context) => {
        const fault = fieldFault(field);
        if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
      })
      .meta({
        description:
          "`rule` (identifier or name), `host` (source, adversary or target), `asset`, or a path of the alert such as `adversary.ip`, `target.user`, `severity`, `lastEvent.log.app`.",
      }),
    operator: z.enum(operators).default("is"),
    values: z
      .array(z.string().min(1).max(matcherLimits.valueLength))
      .min(1)
      .max(matcherLimits.values)
      .meta({ description: "Any of them. `*` stands for any text, except with cidr. Case does not count." }),
  })
  .refine(
    ({ operator, values }) =>
      operator !== "cidr" || values.every((value) => compileCidr(value) !== undefined),
    { message: "must be networks such as 192.0.2.0/24", path: ["values"] },
  );

export type Matcher = z.infer<typeof matcherSchema>;

export const matchersSchema = z.array(matcherSchema).min(1).max(matcherLimits.matchers);

/** Tells whether an alert is meant. Never throws. */
export type AlertTest = (alert: Alert) => boolean;

/** Fields that stand for several places of an alert. */
const several: Readonly<Record<string, readonly string[]>> = {
  rule: ["ruleId", "name"],
  host: ["dataSource", "adversary.host", "target.host"],
  asset: ["lastEvent.assetId"],
};

const sides = eventFields
  .map(({ path }) => path)
  .filter((path) => path.startsWith("origin."))
  .map((path) => path.slice("origin.".length));
const known: ReadonlySet<string> = new Set([
  ...Object.keys(several),
  ...alertFields.map(({ path }) => path),
  ...["adversary", "target"].flatMap((side) => sides.map((path) => `${side}.${path}`)),
  ...eventFields.map(({ path }) => `lastEvent.${path}`),
]);

/** What is wrong with a field; undefined where an alert can have it. */
function fieldFault(field: string): string | undefined {
  if (known.has(field) || /^lastEvent\.(log|compliance)\./.test(field)) return undefined;
  const meant = didYouMean(field, known);
  return `An alert has no "${field.slice(0, 80)}".${meant === undefined ? "" : ` ${meant}`}`;
}

/** Compiles conditions that must all hold. */
export function compileMatchers(matchers: readonly Matcher[]): AlertTest {
  const tests = matchers.map(compile);
  return (alert) => {
    const doc = docOf(alert);
    return tests.every((test) => test((path) => termsOf(doc.get(path)).filter((value) => value !== "")));
  };
}

type Read = (path: string) => readonly string[];

function compile({ field, operator, values }: Matcher): (read: Read) => boolean {
  const paths = several[field] ?? [field];
  const test = anyOf(operator, values);
  const found = (read: Read): boolean => paths.some((path) => read(path).some(test));
  return operator === "isNot" ? (read) => !found(read) : found;
}

function anyOf(operator: Matcher["operator"], values: readonly string[]): (value: string) => boolean {
  if (operator === "cidr") {
    const tests = values.flatMap((value) => compileCidr(value) ?? []);
    return (value) => tests.some((test) => test(value));
  }
  const lower = values.map((value) => value.toLowerCase());
  const exact = new Set(lower.filter((value) => !value.includes("*")));
  const open = lower.filter((value) => value.includes("*")).map(compileWildcard);
  return (value) => {
    const text = value.toLowerCase();
    return exact.has(text) || open.some((test) => test(text));
  };
}
