import type { Batch } from "@vedette/core/batch";
import { type Doc, docOf } from "@vedette/core/pipeline";
import type { Alert, Clock, Logger } from "@vedette/sdk";
import { inSlices, Lru } from "../../bounded/index.ts";
import { alertId, type Subscription } from "../../correlate/index.ts";
import { BatchSubject } from "../batch-subject.ts";
import { defaultLimits } from "../detector.ts";
import { Engine, type MatchListener } from "../engine.ts";
import { Plans, visit } from "../plans.ts";
import { BatchPaths } from "../row-doc.ts";
import type { RuleState } from "../rule-state.ts";
import { CollectedMatches } from "./collected.ts";
import type { Matches, Onward } from "./match.ts";
import type { Watched } from "./places.ts";
import type { Routing } from "./routing.ts";

/** What a batch gives before anything is remembered. */
export interface Scouted {
  /** Alerts of rules that remember nothing. The same batch again gives the same ids. */
  readonly alerts: readonly Alert[];
  /** What the owners of partitions are to be told: rows of the batch first, then alerts. */
  readonly matches: Matches;
}

export interface ScoutOptions {
  readonly states: readonly RuleState[];
  readonly onMatch?: MatchListener;
  readonly routing: Routing;
  readonly partitions: number;
  readonly deps: { readonly clock: Clock; readonly log: Logger };
}

/** Batches whose switched-off rules are remembered, so that a batch seen again tells of them again. */
const batches = 1_024;
/** How long preparing goes on before others have their turn, in milliseconds. */
const sliceMs = 10;

/** Looks at events without remembering any: which conditions hold, and which partition is to know of it. */
export class Scout {
  /** Only its rules and subscriptions are used; nothing is filed. */
  readonly #engine: Engine;
  readonly #plans: Plans;
  readonly #routing: Routing;
  readonly #partitions: number;
  readonly #alertSubscriptions: readonly Subscription[];
  readonly #broken = new Lru<string, Alert[]>(batches);
  readonly stats = { events: 0, batches: 0, skippedBatches: 0, matches: 0 };

  constructor({ states, routing, partitions, deps, onMatch }: ScoutOptions) {
    this.#engine = new Engine(states, deps, defaultLimits, onMatch);
    this.#plans = new Plans(this.#engine, defaultLimits.dataTypes);
    this.#routing = routing;
    this.#partitions = partitions;
    this.#alertSubscriptions = this.#engine.history.alertSubscriptions();
  }

  /** Gets ready for the data types that another scout has met, so that no event waits for it later. In slices. */
  prepareLike(other: Scout): Promise<void> {
    return inSlices(this.#plans.like(other.#plans), sliceMs);
  }

  process(batch: Batch): Scouted {
    this.stats.batches++;
    const found = new CollectedMatches(this.#partitions);
    const { batchId, dataType } = batch.header;
    const plan = this.#plans.of(dataType);
    if (plan.rules.length === 0 && plan.subscriptions.length === 0) {
      this.stats.skippedBatches++;
      return { alerts: [], matches: found.all };
    }
    this.stats.events += batch.rows;
    const paths = new BatchPaths(batch);
    const subject = new BatchSubject(batch, paths, 0);
    const alerts: Alert[] = [];
    const broken: Alert[] = [];
    visit(plan, batch, paths, {
      row: (row) => {
        subject.row = row;
        found.subject = { kind: "row", batch, row };
      },
      subscription: (subscription) => {
        for (const route of this.#routing.sighting(subscription, subject.doc)) {
          found.remember(subscription.spec.signature, route);
        }
      },
      rule: (state, sure) => {
        if (!this.#engine.holds(state, subject, broken, sure)) return;
        const watched = this.#routing.places.ofRule(state.rule.id);
        const remembers = state.rule.afterEvents.length > 0;
        // What a rule with history is to correlations, its owner says.
        if (!remembers) for (const each of watched) this.#show(each, subject.doc, found);
        if (!state.rule.silent || (remembers && watched.length > 0))
          this.#pass(state, subject, found, alerts);
      },
    });
    for (const alert of alerts) this.#tell(alert, found);
    if (broken.length > 0) this.#broken.set(batchId, [...(this.#broken.get(batchId) ?? []), ...broken]);
    for (const matches of found.all.values()) this.stats.matches += matches.length;
    return { alerts: [...alerts, ...(this.#broken.get(batchId) ?? [])], matches: found.all };
  }

  #pass(state: RuleState, subject: BatchSubject, found: CollectedMatches, alerts: Alert[]): void {
    const trigger = this.#routing.trigger(state, subject.doc);
    if (trigger.kind === "route") found.ask(state.rule.id, trigger.route);
    else if (trigger.kind === "unresolved") state.lacks(trigger.path);
    else alerts.push(this.#engine.raise(state, { id: alertId(state.rule, undefined, subject.id) }, subject));
  }

  #show(watched: Watched, doc: Doc, found: CollectedMatches): void {
    const route = this.#routing.places.route(watched, doc);
    if (route !== undefined) found.ask(watched.name, route);
  }

  /** The owners of correlations are told of events for which rules with history hold. */
  onward(hits: readonly Onward[]): Matches {
    const found = new CollectedMatches(this.#partitions);
    for (const { rule, event } of hits) {
      found.subject = { kind: "event", event };
      const doc = docOf(event);
      for (const each of this.#routing.places.ofRule(rule)) this.#show(each, doc, found);
    }
    return found.all;
  }

  /** Where rules search in alerts, the owners of their places are told of an alert. */
  tell(alerts: readonly Alert[]): Matches {
    const found = new CollectedMatches(this.#partitions);
    for (const alert of alerts) this.#tell(alert, found);
    return found.all;
  }

  #tell(alert: Alert, found: CollectedMatches): void {
    if (this.#alertSubscriptions.length === 0) return;
    const doc = docOf(alert);
    found.subject = { kind: "alert", alert };
    for (const subscription of this.#alertSubscriptions) {
      for (const route of this.#routing.sighting(subscription, doc)) {
        found.remember(subscription.spec.signature, route);
      }
    }
  }
}
