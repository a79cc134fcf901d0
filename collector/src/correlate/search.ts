import type { Doc } from "@vedette/core/pipeline";
import type { Condition, SearchRequest } from "./search-schema.ts";
import { windowOf } from "./search-schema.ts";
import { type Target, targetOf } from "./target.ts";
import { type TermTest, termOf, termTest } from "./terms.ts";

/** A condition on a field with a value that is known when the rule is loaded. */
export interface Constant {
  readonly path: string;
  readonly test: TermTest;
  /** Equal conditions have equal names. */
  readonly name: string;
}

/** A field of stored events whose value is compared with one of the triggering event. */
interface Joined {
  readonly field: string;
  readonly operator: Condition["operator"];
  /** Path in the triggering event. */
  readonly from: string;
}

/** What a search needs to be remembered of every stored event: the part that searches of several rules can share. */
export interface SubscriptionSpec {
  readonly target: Target;
  readonly constants: readonly Constant[];
  /** Fields whose values select the series an event belongs to. */
  readonly keyFields: readonly string[];
  /** Fields whose values are kept to be compared when a search runs. */
  readonly keptFields: readonly string[];
  readonly signature: string;
}

/** A search request made ready: its subscription, and where the triggering event's values go. */
export interface Search {
  readonly spec: SubscriptionSpec;
  readonly windowMs: number;
  readonly count: number;
  /** Paths in the triggering event, in the order of the key fields. */
  readonly keyPaths: readonly string[];
  readonly compared: readonly Joined[];
  readonly or: readonly Search[];
}

const placeholder = /^\{\{\s*\.?([^{}\s]+)\s*\}\}$/;

/** The path of a value `{{.path}}`; undefined for a plain value. Only a whole value can be a placeholder. */
export const placeholderOf = (value: string | number | boolean): string | undefined =>
  typeof value === "string" ? placeholder.exec(value.trim())?.[1] : undefined;

const fieldOf = (field: string): string => field.replace(/\.keyword$/, "");

/** Compiles a request. Throws a RangeError where its index pattern names nothing we store. */
export function compileSearch(request: SearchRequest, ownTypes: readonly string[]): Search {
  const target = targetOf(request, ownTypes);
  if (!target)
    throw new RangeError(`The index pattern "${request.indexPattern}" names neither logs nor alerts`);
  const constants: Constant[] = [];
  const keys: Joined[] = [];
  const compared: Joined[] = [];
  for (const { field, operator, value } of request.with) {
    const path = fieldOf(field);
    const from = placeholderOf(value);
    if (from !== undefined) {
      (operator === "filter_term" ? keys : compared).push({ field: path, operator, from });
    } else {
      const wanted = termOf(value)!;
      const name = JSON.stringify([path, operator, wanted]);
      constants.push({ path, test: termTest(operator, wanted), name });
    }
  }
  const keyFields = keys.map((key) => key.field);
  const keptFields = [...new Set(compared.map((join) => join.field))];
  const signature = JSON.stringify([target, constants.map((c) => c.name).sort(), keyFields, keptFields]);
  return {
    spec: { target, constants, keyFields, keptFields, signature },
    windowMs: windowOf(request.within)!,
    count: request.count,
    keyPaths: keys.map((key) => key.from),
    compared,
    or: request.or.map((branch) => compileSearch(branch, ownTypes)),
  };
}

/** A test on one of the kept fields of events. */
export interface Compared {
  /** Its place among the kept fields. */
  readonly at: number;
  readonly test: TermTest;
}

const noTests: readonly Compared[] = [];

/** What a search compares with values of the triggering event. Gives the first placeholder's path that has no value instead. */
export function comparedWith({ compared, spec }: Search, doc: Doc): readonly Compared[] | string {
  if (compared.length === 0) return noTests;
  const tests: Compared[] = [];
  for (const { field, operator, from } of compared) {
    const value = termOf(doc.get(from));
    if (value === undefined) return from;
    tests.push({ at: spec.keptFields.indexOf(field), test: termTest(operator, value) });
  }
  return tests;
}

/** One text for the values of a key; unambiguous whatever the values hold. */
export const keyOf = (values: readonly string[]): string =>
  values.length === 1 ? values[0]! : values.map((value) => `${value.length}:${value}`).join("");

/** A search and all its branches. */
export function* branchesOf(search: Search): Generator<Search> {
  yield search;
  for (const branch of search.or) yield* branchesOf(branch);
}
