import type { Batch } from "@vedette/core/batch";
import type { Subscription } from "../correlate/index.ts";
import { BatchFilters, type RowFilter } from "./bind.ts";
import { allOf, type Filter, type FilterOptions, filterOf, type Leaf } from "./filter.ts";
import type { BatchPaths } from "./row-doc.ts";
import type { RuleState } from "./rule-state.ts";

interface Planned<T> {
  readonly subject: T;
  readonly filter: Filter;
}

/** What concerns the events of one data type. */
export interface Plan {
  readonly rules: readonly Planned<RuleState>[];
  readonly subscriptions: readonly Planned<Subscription>[];
}

export function planFor(
  dataType: string,
  states: readonly RuleState[],
  subscriptions: readonly Subscription[],
  options: FilterOptions,
): Plan {
  return {
    rules: states
      .filter(({ rule }) => rule.dataTypes.includes(dataType))
      .map((state) => ({ subject: state, filter: filterOf(state.rule.where.ast, options) })),
    subscriptions: subscriptions.map((subscription) => ({
      subject: subscription,
      filter: allOf(leavesOf(subscription)),
    })),
  };
}

const leavesOf = ({ spec }: Subscription): Leaf[] => [
  ...spec.constants.map(({ path, name, test }) => ({ path, name, test })),
  ...spec.keyFields.map((path) => ({
    path,
    name: `present ${path}`,
    test: (value: unknown) => value !== undefined,
  })),
];

/** Candidates of one row, as a slice of `members`: first the subscriptions, then the rules, in their order. */
export interface Candidates {
  /** `starts[row]` to `starts[row + 1]` is the row's slice. */
  readonly starts: Uint32Array;
  /** Index into the plan's subscriptions, or after them its rules. */
  readonly members: Uint16Array;
}

/** The rows worth a closer look and for whom; undefined where there are none. */
export function candidatesOf(plan: Plan, batch: Batch, paths: BatchPaths): Candidates | undefined {
  const filters = new BatchFilters(paths);
  const bound: { readonly member: number; readonly filter: Exclude<RowFilter, false> }[] = [];
  for (const [member, { subject, filter }] of [...plan.subscriptions, ...plan.rules].entries()) {
    if ("disabled" in subject && subject.disabled) continue;
    const rows = filters.bind(filter);
    if (rows !== false) bound.push({ member, filter: rows });
  }
  if (bound.length === 0) return undefined;
  return group(batch.rows, bound);
}

/** Turns member-by-member row lists into row-by-row member lists: a counting sort. */
function group(
  rows: number,
  bound: readonly { readonly member: number; readonly filter: Exclude<RowFilter, false> }[],
): Candidates | undefined {
  const counts = new Uint32Array(rows + 1);
  const passing = bound.map(({ filter }) => {
    if (filter === true) return undefined;
    const list: number[] = [];
    for (let row = 0; row < rows; row++) if (filter(row)) list.push(row);
    return list;
  });
  for (const list of passing) {
    if (list) for (const row of list) counts[row]!++;
    else for (let row = 0; row < rows; row++) counts[row]!++;
  }
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) starts[row + 1] = starts[row]! + counts[row]!;
  if (starts[rows] === 0) return undefined;
  const members = new Uint16Array(starts[rows]!);
  const next = starts.slice();
  for (const [at, { member }] of bound.entries()) {
    const list = passing[at];
    if (list) for (const row of list) members[next[row]!++] = member;
    else for (let row = 0; row < rows; row++) members[next[row]!++] = member;
  }
  return { starts, members };
}
