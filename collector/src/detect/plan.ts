import type { Batch } from "@vedette/core/batch";
import { whole } from "@vedette/core/kernels";
import type { Subscription } from "../correlate/index.ts";
import { BatchFilters } from "./bind.ts";
import { allOf, type Filter, isWhole, type Leaf } from "./filter.ts";
import type { BatchPaths } from "./row-doc.ts";
import { eachRow, type Rows } from "./rows.ts";
import { looksAt } from "./rule.ts";
import type { RuleState } from "./rule-state.ts";
import { type PathScan, scansOf } from "./scan.ts";
import { Witnesses } from "./witness.ts";

interface Planned<T> {
  readonly subject: T;
  readonly filter: Filter;
}

/** What concerns the events of one data type. */
export interface Plan {
  readonly rules: readonly Planned<RuleState>[];
  readonly subscriptions: readonly Planned<Subscription>[];
  /** What is looked for in one pass over a column, by path. */
  readonly scans: ReadonlyMap<string, PathScan>;
  /** Of subscriptions and, after them, rules. */
  readonly witnesses: Witnesses;
}

/** What a plan is made of. */
interface PlanParts {
  readonly dataType: string;
  readonly states: readonly RuleState[];
  readonly subscriptions?: readonly Subscription[];
  /** What rules can ask for of a subscription, by its signature. */
  readonly asked?: ReadonlyMap<string, Filter>;
  /** A plan of other rules for the same data type, of which what did not change is taken on. */
  readonly before?: Plan | undefined;
}

const rulesAStep = 64;

/** Makes a plan in steps of some milliseconds. */
export function* planSteps(parts: PlanParts): Generator<void, Plan> {
  const { dataType, states, subscriptions = [], asked, before } = parts;
  const rules: Planned<RuleState>[] = [];
  for (const state of states) {
    if (!looksAt(state.rule, dataType)) continue;
    rules.push({ subject: state, filter: state.rule.where.filter });
    if (rules.length % rulesAStep === 0) yield;
  }
  const planned = subscriptions.map((subscription) => ({
    subject: subscription,
    filter: allOf(leavesOf(subscription), asked?.get(subscription.spec.signature)),
  }));
  const filters = [...planned, ...rules].map(({ filter }) => filter);
  const scans = yield* scansOf(filters, before?.scans);
  return { rules, subscriptions: planned, scans, witnesses: yield* Witnesses.of(filters) };
}

export const planFor = (parts: PlanParts): Plan => whole(planSteps(parts));

const leavesOf = ({ spec }: Subscription): Leaf[] => [
  ...spec.constants.map(({ path, name, test }) => ({ path, name, test })),
  ...spec.keyFields.map((path) => ({
    path,
    name: `present ${path}`,
    presence: true as const,
    test: (value: unknown) => value !== undefined,
  })),
];

/** Who must look at which of some rows. Members are the plan's subscriptions and, after them, its rules. */
export interface Candidates {
  /** The rows are `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** Members that must look at every row, ascending. */
  readonly always: readonly number[];
  /** By member: 1 where what it looks for holds for its rows, so that it need not be asked again. */
  readonly sure: Uint8Array;
  /** `starts[i]` to `starts[i + 1]` is the slice of `members` for row `from + i`, ascending. */
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

interface Bound {
  readonly member: number;
  readonly rows: Rows;
}

/** Rows taken together, so that memory depends on the number of rules and not on the size of batches. */
const chunkRows = 4_096; // A multiple of 32, for `eachRow`.

/** The rows worth a closer look and for whom, chunk by chunk; nothing where no row is. */
export function* candidatesOf(plan: Plan, batch: Batch, paths: BatchPaths): Generator<Candidates> {
  const filters = new BatchFilters(paths, batch.rows, plan.scans);
  const always: number[] = [];
  const sure = new Uint8Array(plan.subscriptions.length + plan.rules.length);
  const bound: Bound[] = [];
  const { subscriptions, rules } = plan;
  for (const member of plan.witnesses.among(filters)) {
    const { subject, filter } =
      member < subscriptions.length ? subscriptions[member]! : rules[member - subscriptions.length]!;
    if ("disabled" in subject && subject.disabled) continue;
    const rows = filters.bind(filter);
    if (rows === false) continue;
    // What a subscription asks of events is its filter, a rule's condition may be more.
    if ((member < subscriptions.length || isWhole(filter)) && filters.isSure(filter)) sure[member] = 1;
    if (rows === true) always.push(member);
    else bound.push({ member, rows });
  }
  if (always.length + bound.length === 0) return;
  for (let from = 0; from < batch.rows; from += chunkRows) {
    yield { ...group(bound, from, Math.min(from + chunkRows, batch.rows)), always, sure };
  }
}

/** Turns member-by-member row lists into row-by-row member lists: a counting sort. */
function group(bound: readonly Bound[], from: number, to: number): Omit<Candidates, "always" | "sure"> {
  const starts = new Uint32Array(to - from + 1);
  for (const { rows } of bound) eachRow(rows, from, to, (row) => starts[row - from + 1]!++);
  for (let row = 1; row < starts.length; row++) starts[row]! += starts[row - 1]!;
  const members = new Uint32Array(starts[to - from]!);
  const next = starts.slice();
  for (const { member, rows } of bound) {
    eachRow(rows, from, to, (row) => {
      members[next[row - from]!++] = member;
    });
  }
  return { from, to, starts, members };
}
