import { type Doc, docOf } from "@vedette/core/pipeline";
import type { Alert } from "@vedette/sdk";
import {
  branchesOf,
  eventPathOf,
  type Search,
  type Subscription,
  termOf,
  termsOf,
} from "../../correlate/index.ts";
import type { Rule } from "../rule.ts";
import type { RuleState } from "../rule-state.ts";
import { Places } from "./places.ts";
import { routeHash } from "./route-hash.ts";

/** Where a rule that holds for an event is to be asked. */
export type Trigger =
  /** Anywhere: it remembers nothing. */
  | { readonly kind: "anywhere" }
  | { readonly kind: "route"; readonly route: number }
  /** Nowhere: each of its searches asks for a path that the event lacks. */
  | { readonly kind: "unresolved"; readonly path: string };

/** What an event's values must have in common with what a rule remembers. */
type RulePlace =
  /** Nothing is remembered. */
  | { readonly kind: "anywhere" }
  /** The values of these paths of the triggering event; none of them: everything of the rule in one place. */
  | { readonly kind: "paths"; readonly paths: readonly string[] }
  /** The values of `deduplicateBy` or `groupBy` alone. */
  | { readonly kind: "values" };

/** Combinations of values under which one event with lists is sent; as many as history files it under. */
const maxKeys = 64;

const anywhere = { kind: "anywhere" } as const;

/**
 * Where what a rule remembers and asks must meet. All of a rule's history, and all its alerts that may repeat each
 * other, are in one place if they have the same values of the paths that each of its searches compares.
 */
export class Routing {
  readonly #rules = new Map<Rule, { readonly place: RulePlace; readonly whole: number }>();
  readonly #states = new Map<string, RuleState>();
  /** Of each subscription, by signature: the fields of the remembered event by which it is placed. */
  readonly #fields = new Map<string, (readonly string[])[]>();
  /** Of subscriptions that are placed by one field only, which is also all they are filed by: that field. */
  readonly #only = new Map<string, string>();
  /** Of each subscription: places that take every event of it. */
  readonly #wholes = new Map<string, Set<number>>();

  /** Of correlations. */
  readonly places: Places;

  constructor(states: readonly RuleState[]) {
    this.places = new Places(states.map(({ rule }) => rule));
    for (const state of states) {
      const { rule } = state;
      this.#states.set(rule.id, state);
      const place = placeOf(rule);
      const whole = routeHash(`rule ${rule.id}`);
      this.#rules.set(rule, { place, whole });
      if (place.kind === "paths")
        for (const search of searchesOf(rule)) this.#expect(search, place.paths, whole);
    }
    for (const { rule } of states) {
      for (const { spec } of searchesOf(rule)) {
        const [field] = spec.keyFields;
        const fields = this.#fields.get(spec.signature);
        const alone = spec.keyFields.length === 1 && fields?.length === 1 && fields[0]?.length === 1;
        if (field !== undefined && alone && !this.#wholes.has(spec.signature))
          this.#only.set(spec.signature, field);
      }
    }
  }

  #expect({ spec, keyPaths }: Search, paths: readonly string[], whole: number): void {
    const { signature, keyFields } = spec;
    if (paths.length === 0) {
      const wholes = this.#wholes.get(signature) ?? new Set();
      this.#wholes.set(signature, wholes.add(whole));
      return;
    }
    const fields = paths.map((path) => keyFields[keyPaths.indexOf(path)]!);
    const known = this.#fields.get(signature) ?? [];
    if (!known.some((each) => each.join("\n") === fields.join("\n"))) known.push(fields);
    this.#fields.set(signature, known);
  }

  /** Where a rule whose condition holds for an event is to be asked. */
  trigger(state: RuleState, doc: Doc): Trigger {
    const { place, whole } = this.#rules.get(state.rule)!;
    if (place.kind === "anywhere") return place;
    if (place.kind === "values") {
      const values = state.values?.(doc);
      return values === undefined ? anywhere : { kind: "route", route: routeHash(values) };
    }
    if (place.paths.length === 0) return { kind: "route", route: whole };
    const values: string[] = [];
    for (const path of place.paths) {
      const value = termOf(doc.get(path));
      if (value === undefined) return { kind: "unresolved", path };
      values.push(value);
    }
    return { kind: "route", route: routeOf(values) };
  }

  /** Where an event, or an alert, is to be remembered; nowhere where it does not fit the subscription. */
  sighting({ spec }: Subscription, doc: Doc): readonly number[] {
    for (const { path, test } of spec.constants) if (!test(doc.get(path))) return none;
    const one = this.#only.get(spec.signature);
    const value = one === undefined ? undefined : doc.get(one);
    if (typeof value === "string") return [routeOf([value])];
    if (spec.keyFields.some((field) => termsOf(doc.get(field)).length === 0)) return none;
    const routes = new Set(this.#wholes.get(spec.signature));
    for (const fields of this.#fields.get(spec.signature) ?? []) {
      for (const values of combinations(fields, doc)) routes.add(routeOf(values));
    }
    return [...routes];
  }

  /** Where an alert of a rule may have been decided on; nowhere where that remembered nothing, or the rule is gone. */
  ofAlert(alert: Alert): readonly number[] {
    const state = this.#states.get(alert.ruleId ?? "");
    const doc = docOf(alert.lastEvent ?? {});
    if (state?.rule.correlation) return this.places.ofAlert(state.rule.id, doc);
    const trigger = state && this.trigger(state, doc);
    return trigger?.kind === "route" ? [trigger.route] : none;
  }

  /** Ids of the rules that remember anything. */
  remembering(): string[] {
    return [...this.#rules]
      .filter(([{ correlation }, { place }]) => correlation !== undefined || place.kind !== "anywhere")
      .map(([rule]) => rule.id);
  }

  /** Rules whose history is all in one place, because nothing is common to all that they compare. */
  unshared(): Rule[] {
    const alone = new Set(this.places.unshared());
    const inOnePlace = ([{ correlation }, { place }]: [Rule, { place: RulePlace }]) =>
      correlation ? alone.has(correlation.cluster) : place.kind === "paths" && place.paths.length === 0;
    return [...this.#rules].filter(inOnePlace).map(([rule]) => rule);
  }
}

const none: readonly number[] = [];

let lastValue: string | undefined;
let lastRoute = 0;

/** The form that `ValuesOfEvent` gives, so that rules which compare the same value meet in the same place. */
function routeOf(values: readonly string[]): number {
  const only = values.length === 1 ? values[0] : undefined;
  // Searches and rules ask one after the other for the same address.
  if (only !== undefined && only === lastValue) return lastRoute;
  const route = routeHash(JSON.stringify(values.map((value) => [value])));
  if (only !== undefined) {
    lastValue = only;
    lastRoute = route;
  }
  return route;
}

const searchesOf = (rule: Rule): Search[] => rule.afterEvents.flatMap((search) => [...branchesOf(search)]);

function placeOf(rule: Rule): RulePlace {
  const compared = rule.deduplicateBy.length > 0 ? rule.deduplicateBy : rule.groupBy;
  const [first, ...others] = searchesOf(rule);
  if (!first) return compared.length > 0 ? { kind: "values" } : anywhere;
  const common = first.keyPaths.filter((path) => others.every(({ keyPaths }) => keyPaths.includes(path)));
  const paths = [...new Set(common)].sort();
  if (compared.length === 0) return { kind: "paths", paths };
  // Alerts that may repeat each other are equal in these, so they meet in one place too.
  const own = new Set(compared.map((path) => eventPathOf(path, rule)));
  return { kind: "paths", paths: paths.filter((path) => own.has(path)) };
}

function combinations(fields: readonly string[], doc: Doc): string[][] {
  let all: string[][] = [[]];
  for (const field of fields) {
    const terms = new Set(termsOf(doc.get(field)));
    all = all.flatMap((values) => [...terms].map((term) => [...values, term]));
    if (all.length > maxKeys) all.length = maxKeys;
  }
  return all;
}
