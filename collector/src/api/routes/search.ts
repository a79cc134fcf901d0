import type { ApiDeps } from "../deps.ts";
import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import {
  type Condition,
  type Range,
  readFilter,
  readLinked,
  readRange,
  readTextQuery,
} from "../search/index.ts";

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

type SearchDeps = Pick<ApiDeps, "clock" | "plugins">;

export function readSearch(query: SearchQuery, deps: SearchDeps): Search {
  const now = deps.clock.now();
  return { range: readRange(query.from, query.to, now), conditions: readConditions(query, deps, now) };
}

export function readConditions(
  query: SearchQuery,
  deps: SearchDeps,
  now: number = deps.clock.now(),
): Condition[] {
  const filters = query.filter ?? [];
  if (filters.length > limits.filters)
    throw badParameter("filter", `A search has at most ${limits.filters} filters.`);
  const namesOf = (assetId: string) => deps.plugins()?.host.assets.links.namesOf(assetId) ?? [];
  return [
    ...filters.map((filter) => readLinked(filter, namesOf) ?? readFilter(filter, now)),
    ...readTextQuery(query.q ?? "", now),
  ];
}
