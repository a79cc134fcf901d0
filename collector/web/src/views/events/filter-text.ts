import { operators } from "../../../../src/api/search/condition.ts";
import { filters, go } from "../../state/address.ts";

/** A filter of the address, taken apart for showing. */
export interface FilterParts {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
}

const known: ReadonlySet<string> = new Set(operators);
const signs: Readonly<Record<string, string>> = { eq: "=", neq: "≠", gt: ">", gte: "≥", lt: "<", lte: "≤" };
const opposite: Readonly<Record<string, string>> = { eq: "neq", neq: "eq", in: "notIn", notIn: "in" };

export function partsOf(filter: string): FilterParts {
  const colon = filter.indexOf(":");
  const field = filter.slice(0, colon);
  const rest = filter.slice(colon + 1);
  const next = rest.indexOf(":");
  const word = next < 0 ? "" : rest.slice(0, next);
  return known.has(word)
    ? { field, operator: word, value: rest.slice(next + 1) }
    : { field, operator: "eq", value: rest };
}

/** The sign of an operator where there is one, else its name. */
export const signOf = (operator: string): string => signs[operator] ?? operator;

/** The same filter the other way round; undefined where it has none. */
export function turned(filter: string): string | undefined {
  const { field, operator, value } = partsOf(filter);
  if (operator === "exists") return `${field}:exists:${value === "false" ? "true" : "false"}`;
  const other = opposite[operator];
  return other === undefined ? undefined : `${field}:${other}:${value}`;
}

/** A filter for a value of a field; an empty value asks for events without the field. */
export const filterFor = (field: string, value: string, without: boolean): string =>
  value === ""
    ? `${field}:exists:${without ? "true" : "false"}`
    : `${field}:${without ? "neq" : "eq"}:${value}`;

/** Adds a filter to the address. */
export function addFilter(filter: string): void {
  if (!filters.value.includes(filter)) go({ filter: [...filters.value, filter], id: undefined });
}

export const removeFilter = (filter: string): void =>
  go({ filter: filters.value.filter((each) => each !== filter) });

export const replaceFilter = (filter: string, other: string): void =>
  go({ filter: filters.value.map((each) => (each === filter ? other : each)) });
