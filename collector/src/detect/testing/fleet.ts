import { copyRows, openBody } from "@vedette/core/batch";
import type { Alert, Event } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { defaultLimits } from "../detector.ts";
import { parseRules } from "../load.ts";
import type { Rule } from "../rule.ts";
import { RuleState } from "../rule-state.ts";
import type { Match, Matches } from "../scaled/match.ts";
import { Owner } from "../scaled/owner.ts";
import { partitionOf } from "../scaled/route-hash.ts";
import { Routing } from "../scaled/routing.ts";
import { Scout } from "../scaled/scout.ts";
import { batchFrom, start } from "./events.ts";
import { lateMs } from "./history-arbitrary.ts";

const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
/** A match as it comes out of the topic. */
const sent = (match: Match): Match => {
  const { subject } = match;
  if (subject.kind !== "row") return stored(match);
  const { header, body } = copyRows(subject.batch, Uint32Array.of(subject.row));
  return { ...match, subject: { kind: "row", batch: openBody(header, body), row: 0 } };
};
/** Alerts as they are stored, in the order of their ids. */
export const docs = (list: readonly Alert[]): Alert[] =>
  [...stored(list)].sort((a, b) => (a.id! < b.id! ? -1 : a.id! > b.id! ? 1 : 0));

/** Several collectors and the topic between them, without Kafka: what is durable survives `restart`. */
export class Fleet {
  readonly #rules: readonly Rule[];
  readonly #partitions: number;
  readonly #topic: Match[][];
  readonly #owners: (Owner | undefined)[];
  /** Where the owner of a partition is, and what is committed. */
  readonly #position: number[];
  readonly #committed: number[];
  /** What partitions have not heard of yet, by agent and partition. */
  readonly #held = new Map<string, { readonly partition: number; readonly list: readonly Match[] }[]>();
  readonly alerts = new Map<string, Alert>();
  readonly #scouts: Scout[];
  readonly routing: Routing;

  constructor(yaml: string, partitions: number, collectors: number) {
    this.#rules = parseRules(yaml).rules;
    this.#partitions = partitions;
    this.#topic = Array.from({ length: partitions }, () => []);
    this.#owners = Array.from({ length: partitions }, () => undefined);
    this.#position = this.#owners.map(() => 0);
    this.#committed = this.#owners.map(() => 0);
    this.routing = new Routing(this.#states());
    this.#scouts = Array.from({ length: collectors }, () => this.#scout());
  }

  #states(): RuleState[] {
    return this.#rules.map((rule, number) => new RuleState(rule, number));
  }

  #deps() {
    return { clock: manualClock(start), log: recordingLogger() };
  }

  #scout(): Scout {
    const states = this.#states();
    const routing = new Routing(states);
    return new Scout({ states, routing, partitions: this.#partitions, deps: this.#deps() });
  }

  /** A collector takes a batch: what it finds is in the topic, its own alerts are stored. */
  ingest(collector: number, events: readonly Event[], batchId: string): void {
    const scout = this.#scouts[collector % this.#scouts.length]!;
    const { alerts, matches } = scout.process(batchFrom(events, batchId));
    this.#send(matches);
    this.#store(alerts);
  }

  /** A collector takes a batch, but partitions hear of it one by one, each when `deliver` says so. */
  hold(agent: number, events: readonly Event[], batchId: string): void {
    const scout = this.#scouts[agent % this.#scouts.length]!;
    const { matches } = scout.process(batchFrom(events, batchId));
    for (const [partition, list] of matches) {
      const key = `${agent} ${partition}`;
      this.#held.set(key, [...(this.#held.get(key) ?? []), { partition, list }]);
    }
  }

  /** One partition hears of the next batch of one agent; says whether there was any. */
  deliver(pick: number): boolean {
    const keys = [...this.#held.keys()];
    const key = keys[pick % keys.length];
    if (key === undefined) return false;
    const [next, ...rest] = this.#held.get(key)!;
    if (rest.length > 0) this.#held.set(key, rest);
    else this.#held.delete(key);
    this.#send(new Map([[next!.partition, next!.list]]));
    return true;
  }

  #send(matches: Matches): void {
    for (const [partition, list] of matches) this.#topic[partition]!.push(...list.map(sent));
  }

  #store(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.alerts.set(alert.id!, stored(alert));
  }

  /** The owner of a partition takes what is there, all or some of it, and commits all or some of that. */
  own(partition: number, most: number, commit: boolean): void {
    const owner = this.#owners[partition] ?? this.#rebuilt(partition);
    this.#owners[partition] = owner;
    const end = Math.min(this.#topic[partition]!.length, this.#position[partition]! + most);
    for (; this.#position[partition]! < end; this.#position[partition]!++) {
      const alerts = owner.take(this.#topic[partition]![this.#position[partition]!]!);
      owner.settle();
      this.#send(this.#scouts[0]!.tell(alerts));
      this.#send(this.#scouts[0]!.onward(owner.onward()));
      this.#store(alerts);
    }
    if (commit) this.#committed[partition] = this.#position[partition]!;
  }

  drain(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (let partition = 0; partition < this.#partitions; partition++) {
        busy ||= this.#position[partition]! < this.#topic[partition]!.length;
        this.own(partition, Number.POSITIVE_INFINITY, true);
      }
    }
  }

  /** The partition goes to another collector: what was not committed comes again. */
  restart(partition: number): void {
    this.#owners[partition] = undefined;
    this.#position[partition] = this.#committed[partition]!;
  }

  #rebuilt(partition: number): Owner {
    const states = this.#states();
    const routing = new Routing(states);
    const owner = new Owner({ states, deps: this.#deps(), limits: { ...defaultLimits, lateMs } });
    for (const alert of this.alerts.values()) {
      const here = routing.ofAlert(alert).some((route) => partitionOf(route, this.#partitions) === partition);
      if (here) owner.restore(alert);
    }
    for (const match of this.#topic[partition]!.slice(0, this.#committed[partition])) owner.rebuild(match);
    return owner;
  }
}
