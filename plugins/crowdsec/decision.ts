import { type ActionTarget, parsePrefix, prefixText } from "@vedette/sdk";
import { z } from "zod";

/** A decision as the local API and `cscli -o json` give it (localapi_swagger.yaml, definition `Decision`). */
export const decision = z.looseObject({
  id: z.int().min(0).default(0),
  origin: z.string().max(200).default(""),
  type: z.string().max(100).default(""),
  scope: z.string().max(100).default(""),
  value: z.string().max(500).default(""),
  scenario: z.string().max(2_000).default(""),
  duration: z.string().max(100).default(""),
  simulated: z.boolean().nullish(),
});
export type Decision = z.infer<typeof decision>;

/** An answer without any is `null`. */
export const decisions = z
  .array(decision)
  .nullish()
  .transform((list) => list ?? []);

/** An alert, of which only the decisions count here. */
export const alerts = z
  .array(z.looseObject({ id: z.int().optional(), decisions }))
  .nullish()
  .transform((list) => list ?? []);

const units: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  µs: 0,
  us: 0,
  ns: 0,
};

/** Milliseconds of a duration as Go writes it, such as `3h59m58.123s`; undefined where it is none. */
export function millisecondsOf(duration: string): number | undefined {
  const parts = duration.match(/\d{1,12}(?:\.\d{1,12})?(?:ms|\u00b5s|us|ns|h|m|s)/g) ?? [];
  if (duration === "" || parts.join("") !== duration.replace(/^-/, "")) return undefined;
  const sum = parts.reduce((total, part) => {
    const [, number = "0", unit = ""] = /^([\d.]+)(\D+)$/.exec(part) ?? [];
    return total + Number(number) * (units[unit] ?? 0);
  }, 0);
  return duration.startsWith("-") ? -sum : sum;
}

/** The address or range of a decision in its one form; undefined of countries, networks of providers and users. */
export function targetOf({ scope, value }: Pick<Decision, "scope" | "value">): ActionTarget | undefined {
  if (!/^(ip|range)$/i.test(scope)) return undefined;
  const prefix = parsePrefix(value);
  if (!prefix) return undefined;
  const text = prefixText(prefix);
  return { type: text.includes("/") ? "cidr" : "ip", value: text };
}

/** The mark of our actions in what a decision says of its reason, by which they are found again. */
export const markOf = (id: string): string => `(action #${id})`;

/** Id of the action that made a decision, where one of ours did. */
export const actionOf = (scenario: string): string | undefined =>
  /\(action #([\w-]{1,100})\)/.exec(scenario)?.[1];

/** The reason of a decision, in one bounded line that ends with its mark. */
export function scenarioOf(reason: string, id: string): string {
  // The reason names the action already, in words that may change.
  const told = reason
    .replaceAll(`, ${id}`, "")
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return `vedette: ${told.slice(0, 200)} ${markOf(id)}`;
}
