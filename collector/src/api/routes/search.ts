import type { Clock } from "@vedette/sdk";
import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import { type Condition, type Range, readFilter, readRange, readTextQuery } from "../search/index.ts";

/** The parameters of a search as they come. */
export interface SearchQuery {
  readonly q?: string | undefined;
  readonly filter?: string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A search, read and checked. */
export interface Search {
  readonly range: Range;
  readonly conditions: readonly Condition[];
}

export function readSearch(query: SearchQuery, clock: Clock): Search {
  const now = clock.now();
  return { range: readRange(query.from, query.to, now), conditions: readConditions(query, now) };
}

export function readConditions(query: SearchQuery, now: number): Condition[] {
  const filters = query.filter ?? [];
  if (filters.length > limits.filters)
    throw badParameter("filter", `A search has at most ${limits.filters} filters.`);
  return [...filters.map((filter) => readFilter(filter, now)), ...readTextQuery(query.q ?? "", now)];
}
