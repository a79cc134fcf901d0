import { isIP } from "node:net";
import { nearest } from "@vedette/core/config";
import { severities } from "@vedette/sdk";
import { limits } from "../limits.ts";
import { badParameter, type Fault } from "../problem.ts";
import type { Comparison, Operator } from "./condition.ts";
import type { FieldRef } from "./field.ts";
import { readTime } from "./time.ts";

const ordered: ReadonlySet<Operator> = new Set(["gt", "gte", "lt", "lte"]);
const textual: ReadonlySet<Operator> = new Set(["prefix", "contains", "like", "cidr"]);

/** Where a comparison stands in the request, for its problems. */
export interface Origin {
  readonly parameter: string;
  readonly at?: number;
  readonly now: number;
}

/** Checks that an operator and its values fit a field. Throws a problem otherwise. */
export function comparisonOf(
  field: FieldRef,
  operator: Operator,
  values: readonly string[],
  origin: Origin,
): Comparison {
  const negated = operator === "neq" || operator === "notIn";
  const plain = operator === "neq" ? "eq" : operator === "notIn" ? "in" : operator;
  const wildcard = plain === "eq" && field.path === "eventType" && values[0]?.includes("*") === true;
  const base = { kind: "compare", field, operator: wildcard ? "like" : plain, negated } as const;
  if (values.length > limits.values)
    throw fault(origin, `A list has more than ${limits.values} values.`, { cure: "Split the search." });
  if (plain === "exists") return exists(base, values[0] ?? "", origin);
  checkOperator(field, operator, origin);
  if (plain === "cidr") checkCidr(values[0] ?? "", origin);
  const numbers = readNumbers(field, plain, values, origin);
  if (field.path === "severity" && !wildcard) checkSeverity(values, plain, origin);
  return { ...base, values, ...(numbers ? { numbers } : {}) };
}

function exists(base: Omit<Comparison, "values">, value: string, origin: Origin): Comparison {
  if (value !== "" && value !== "true" && value !== "false")
    throw fault(origin, `"exists" takes true or false, not "${value.slice(0, 40)}".`);
  return { ...base, values: [], negated: value === "false" };
}

function checkOperator(field: FieldRef, operator: Operator, origin: Origin): void {
  const kind = field.kind;
  const isText = kind === "text" || kind === "dynamic";
  if (ordered.has(operator) && (kind === "text" || kind === "texts"))
    throw fault(origin, `"${field.path}" is text, so ${operator} has no meaning for it.`, {
      cure: "Use eq, in, prefix, contains or like.",
    });
  if (textual.has(operator) && !isText && !(kind === "texts" && operator === "contains"))
    throw fault(origin, `"${field.path}" is not text, so ${operator} has no meaning for it.`, {
      cure: kind === "texts" ? "Use eq, contains or exists." : "Use eq, in, gt, gte, lt, lte or exists.",
    });
}

function readNumbers(
  field: FieldRef,
  operator: Operator,
  values: readonly string[],
  origin: Origin,
): number[] | undefined {
  if (field.kind === "time")
    return values.map((value) => readTime(value, origin.now, origin.parameter, origin.at));
  const numeric = field.kind === "u32" || field.kind === "u64" || field.kind === "f64";
  if (!numeric && !(field.kind === "dynamic" && ordered.has(operator))) return undefined;
  return values.map((value) => {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number))
      throw fault(origin, `"${field.path}" compares with a number, not with "${value.slice(0, 40)}".`);
    return number;
  });
}

function checkCidr(value: string, origin: Origin): void {
  const [address = "", prefix = ""] = value.split("/");
  const version = isIP(address);
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (version === 0 || !(bits <= (version === 4 ? 32 : 128)) || address.includes("%"))
    throw fault(origin, `"${value.slice(0, 60)}" is not a network.`, {
      cure: "Write it as 10.0.0.0/8 or 2001:db8::/32.",
    });
}

function checkSeverity(values: readonly string[], operator: Operator, origin: Origin): void {
  if (operator !== "eq" && operator !== "in") return;
  for (const value of values) {
    if (value === "" || (severities as readonly string[]).includes(value)) continue;
    const suggestion = nearest(value, severities);
    throw fault(origin, `There is no severity "${value.slice(0, 40)}".`, {
      ...(suggestion === undefined ? {} : { suggestion }),
      cure: `Use one of ${severities.join(", ")}.`,
    });
  }
}

const fault = (origin: Origin, detail: string, extra: Fault = {}) =>
  badParameter(origin.parameter, detail, { ...(origin.at === undefined ? {} : { at: origin.at }), ...extra });
