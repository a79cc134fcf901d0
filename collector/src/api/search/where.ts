import type { Binder } from "./bind.ts";
import type { Comparison, Condition, TextTerm } from "./condition.ts";
import { linkedSql } from "./linked.ts";
import type { Range } from "./time.ts";
import { isOneToken, refineRegex, wholeTokens } from "./tokens.ts";

const signs = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** The WHERE clause of a search: the range first, then cheap conditions before the ones that read text. */
export function whereOf(range: Range, conditions: readonly Condition[], bind: Binder): string {
  const inRange = rangeSql("timestamp", range, bind);
  const ordered = [...conditions].sort((a, b) => Number(a.kind === "text") - Number(b.kind === "text"));
  return [inRange, ...ordered.map((condition) => conditionSql(condition, bind))].join(" AND ");
}

/** A half-open range over a DateTime64(3) column, written so that the primary key can skip. */
export function rangeSql(column: string, range: Range, bind: Binder): string {
  return `${column} >= ${moment(range.from, bind)} AND ${column} < ${moment(range.to, bind)}`;
}

/** A moment as a DateTime64(3) in UTC. */
export const moment = (milliseconds: number, bind: Binder): string =>
  `fromUnixTimestamp64Milli(${bind.add("Int64", Math.trunc(milliseconds))}, 'UTC')`;

function conditionSql(condition: Condition, bind: Binder): string {
  const sql =
    condition.kind === "text"
      ? textSql(condition, bind)
      : condition.kind === "linked"
        ? linkedSql(condition, bind)
        : comparisonSql(condition, bind);
  return condition.negated ? `NOT (${sql})` : sql;
}

/**
 * The text index answers which lines hold all the words (`hasAllTokens`); only what words cannot decide, order and
 * punctuation, is then checked on those lines.
 */
function textSql(term: TextTerm, bind: Binder): string {
  const tokens = wholeTokens(term);
  const byIndex = tokens.length === 0 ? [] : [`hasAllTokens(raw, ${bind.add("Array(String)", tokens)})`];
  const refined = isOneToken(term) ? [] : [`match(lower(raw), ${bind.text(refineRegex(term))})`];
  return `(${[...byIndex, ...refined].join(" AND ")})`;
}

function comparisonSql(comparison: Comparison, bind: Binder): string {
  const { field, operator, numbers } = comparison;
  const [value = ""] = comparison.values;
  switch (field.kind) {
    case "time": {
      const at = moment(numbers?.[0] ?? 0, bind);
      if (operator === "exists") return `${field.sql} != toDateTime64(0, 3, 'UTC')`;
      if (operator === "eq") return `${field.sql} = ${at}`;
      if (operator === "in")
        return `has([${numbers!.map((each) => moment(each, bind)).join(", ")}], ${field.sql})`;
      return `${field.sql} ${sign(operator)} ${at}`;
    }
    case "u32":
    case "u64":
    case "f64": {
      if (operator === "exists") return `${field.sql} != 0`;
      if (operator === "in")
        return `has(${bind.add("Array(Float64)", numbers ?? [])}, toFloat64(${field.sql}))`;
      return `${field.sql} ${operator === "eq" ? "=" : sign(operator)} ${bind.add("Float64", numbers?.[0] ?? 0)}`;
    }
    case "texts":
      if (operator === "exists") return `notEmpty(${field.sql})`;
      if (operator === "eq") return `has(${field.sql}, ${bind.text(value)})`;
      if (operator === "in") return `hasAny(${field.sql}, ${bind.add("Array(String)", comparison.values)})`;
      return `arrayExists(x -> positionCaseInsensitive(x, ${bind.text(value)}) > 0, ${field.sql})`;
    case "text":
    case "dynamic":
      return textComparison(comparison, value, bind);
  }
}

function textComparison(
  { field, operator, values, numbers }: Comparison,
  value: string,
  bind: Binder,
): string {
  switch (operator) {
    case "eq":
      return `${field.sql} = ${bind.text(value)}`;
    case "in":
      return `${field.sql} IN ${bind.add("Array(String)", values)}`;
    case "exists":
      return `${field.sql} != ''`;
    case "prefix":
      return `startsWith(${field.sql}, ${bind.text(value)})`;
    case "contains":
      return `positionCaseInsensitive(${field.sql}, ${bind.text(value)}) > 0`;
    case "like":
      return `${field.sql} LIKE ${bind.text(likePattern(value))}`;
    case "cidr":
      // The range function refuses text that is no address, so it is asked only about addresses.
      return `if(isIPv4String(${field.sql}) OR isIPv6String(${field.sql}), isIPAddressInRange(${field.sql}, ${bind.text(value)}), 0)`;
    default:
      return `toFloat64OrNull(${field.sql}) ${sign(operator)} ${bind.add("Float64", numbers?.[0] ?? 0)}`;
  }
}

/** `*` becomes `%`; everything that LIKE would read otherwise is escaped. */
const likePattern = (value: string): string => value.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%");

const sign = (operator: string): string => {
  const found = signs[operator as keyof typeof signs];
  if (found === undefined) throw new TypeError(`No sign for the operator "${operator}".`);
  return found;
};
