import type { CopiedRows } from "@vedette/core/batch";
import { docOf } from "@vedette/core/pipeline";
import type { Alert, Clock, Event } from "@vedette/sdk";
import { Lru } from "../../bounded/index.ts";
import { stableId } from "../alert.ts";
import { type BodyLimits, EventRef } from "../bodies.ts";
import { keyOf } from "../search.ts";
import type { Correlation } from "./correlation.ts";
import { correlationAlert } from "./finding.ts";
import { Groups } from "./groups.ts";
import { hash52 } from "./hash.ts";
import { Later } from "./later.ts";
import type { Together } from "./occurrence.ts";
import { type CorrelationCounts, type Group, type GroupLimits, Running, sampleSize } from "./running.ts";
import { Samples } from "./samples.ts";
import { datumOf, textOf, valueAt } from "./values.ts";
import type { Held, Hit, Way } from "./way.ts";
import { Outcome } from "./window.ts";

export interface CorrelatorLimits extends GroupLimits, BodyLimits {
  /** Events remembered in all windows together. */
  readonly entries: number;
  /** Bytes that windows take, about. */
  readonly bytes: number;
}

export interface CorrelatorDeps {
  readonly clock: Clock;
  /** Whether an alert of this id was raised before. */
  readonly known: (id: string) => boolean;
  /** Notes an alert that is raised. */
  readonly note: (id: string) => void;
}

/** Findings of before a restart that may not have been stored; told again when their event comes again. */
const maxOwed = 10_000;

interface Looking {
  readonly running: Running;
  readonly member: number;
}

/** What windows hold, and what correlations did. */
export interface CorrelatorStats {
  readonly groups: number;
  readonly entries: number;
  readonly bytes: number;
  /** Groups that no window asked for any more. */
  readonly expiredGroups: number;
  /** Event bodies given up for space; alerts show only their heads. */
  readonly droppedBodies: number;
  readonly correlations: readonly ({ readonly id: string } & CorrelationCounts)[];
}

/**
 * Runs correlations over the events for which rules held. Synchronous and bounded. The same events in the same order give the same
 * alerts with the same ids; an event that comes again counts once.
 */
export class Correlator {
  readonly #deps: CorrelatorDeps;
  readonly #running: readonly Running[];
  readonly #byRule = new Map<string, Looking[]>();
  readonly #groups: Groups;
  readonly #samples: Samples;
  readonly #later: Later;
  readonly #owed = new Lru<string, Pick<Held, "from" | "to">>(maxOwed);
  readonly #outcome = new Outcome();
  readonly #release = (event: number): void => this.#samples.release(event);
  /** Groups whose samples have no number yet. */
  readonly #fresh: Group[] = [];
  #unnamed = 0;

  constructor(correlations: readonly Correlation[], deps: CorrelatorDeps, limits: CorrelatorLimits) {
    this.#deps = deps;
    this.#running = correlations.map((correlation) => new Running(correlation, limits));
    const byId = new Map(this.#running.map((each) => [each.correlation.template.id, each]));
    for (const running of this.#running) {
      for (const [member, { ref, isCorrelation }] of running.correlation.members.entries()) {
        if (isCorrelation) byId.get(ref)?.parents.push({ running, member });
        else this.#byRule.set(ref, [...(this.#byRule.get(ref) ?? []), { running, member }]);
      }
    }
    this.#samples = new Samples(limits);
    this.#groups = new Groups(this.#running, limits, (group) => this.#forget(group));
    this.#later = new Later({
      samples: this.#samples,
      lateMs: limits.lateMs,
      held: (group, held, trigger, way) => this.#held(group, held, this.#wayOf(trigger, way)),
    });
  }

  /** Whether a correlation looks at a rule. */
  wants(rule: string): boolean {
    return this.#byRule.has(rule);
  }

  /** Takes in that a rule held for an event, for all correlations or those of one cluster. Alerts are put into `alerts`. */
  take(rule: string, hit: Hit, alerts: Alert[], cluster?: string): void {
    const now = this.#deps.clock.now();
    this.#take(
      rule,
      { hit, idHash: this.#hashOf(hit.id), alerts, now, arrived: now, rebuild: false },
      cluster,
    );
  }

  /** Takes in an event of before a restart; alerts of before are known by then. */
  rebuild(rule: string, hit: Hit, cluster?: string): void {
    const now = this.#deps.clock.now();
    const stored = Date.parse(String(hit.doc.get("ingestedAt") ?? ""));
    const arrived = Number.isNaN(stored) ? now : Math.min(stored, now);
    this.#take(rule, { hit, idHash: this.#hashOf(hit.id), alerts: [], now, arrived, rebuild: true }, cluster);
  }

  /** Alerts of what did not come in time, and of windows that are over. */
  due(): Alert[] {
    const alerts: Alert[] = [];
    this.#later.due({ alerts, now: this.#deps.clock.now() });
    return alerts;
  }

  /** Copies what is remembered of the batch that was looked at last, which may then be freed. */
  settle(own?: CopiedRows): void {
    for (const group of this.#fresh) this.#samples.number(group);
    this.#fresh.length = 0;
    this.#samples.settle(own);
  }

  #hashOf(id: string): number {
    return id === "" ? this.#unnamed++ : hash52(id);
  }

  #take(rule: string, way: Way, cluster: string | undefined): void {
    for (const { running, member } of this.#byRule.get(rule) ?? []) {
      if (cluster !== undefined && running.correlation.cluster !== cluster) continue;
      this.#feed(running, member, way, [], true);
    }
  }

  /** `inner` are the group values of a correlation that is looked at; `began` says whether it is told now. */
  #feed(running: Running, at: number, way: Way, inner: readonly string[], began: boolean): void {
    const { correlation, counts } = running;
    const { question } = correlation;
    const member = correlation.members[at]!;
    // What goes on and on is counted once; for what occurs together, and for texts, each time may matter.
    const counted = question.kind === "measure" && (question.of === "nothing" || question.of === "number");
    if (counted && !began) return;
    const { doc } = way.hit;
    const values: string[] = [];
    for (const each of member.group) {
      const value = valueAt(each, doc, inner);
      if (value === undefined) {
        counts.unresolved++;
        return;
      }
      values.push(value);
    }
    if (question.kind === "measure") {
      const datum = datumOf(question.of, at, member.field, doc, inner);
      if (datum === undefined) {
        counts.unresolved++;
        return;
      }
      const group = this.#groups.of(running, keyOf(values), values);
      this.#measure(group, datum, question.of === "member" ? way.idHash + at : way.idHash, way);
    } else {
      this.#occur(this.#groups.of(running, keyOf(values), values), at, way);
    }
  }

  #measure(group: Group, datum: number, id: number, way: Way): void {
    const { owner } = group;
    const window = group.window!;
    const out = this.#outcome;
    window.file(way.hit.time, id, datum, out);
    if (out.filed !== "filed") {
      this.#passed(group, out.filed, way);
      return;
    }
    owner.counts.matches++;
    if (window.entries.size >= owner.samplesFrom) this.#sample(group, way);
    owner.counts.truncated += window.truncated;
    window.truncated = 0;
    if (out.holds) {
      const { from, to, values } = out;
      this.#held(group, { from, to, events: this.#samples.number(group), measured: [...values] }, way);
    }
    if (owner.closes) this.#later.closing(group, way);
    this.#groups.touch(group, way.now);
  }

  #sample(group: Group, { hit }: Way): void {
    const { samples } = group;
    samples.push(hit.ref());
    if (!group.fresh) {
      group.fresh = true;
      this.#fresh.push(group);
    }
    const oldest = samples.length > sampleSize + 1 ? samples.shift() : undefined;
    if (typeof oldest === "number") this.#samples.release(oldest);
  }

  #occur(group: Group, at: number, way: Way): void {
    const { counts } = group.owner;
    const { hit, idHash, now } = way;
    const occurrence = group.occurrence!;
    const event = this.#samples.hold(hit.ref());
    const filed = occurrence.file(at, hit.time, idHash, event, this.#release);
    if (filed !== "filed") {
      this.#samples.release(event);
      this.#passed(group, filed, way);
      return;
    }
    counts.matches++;
    counts.truncated += occurrence.truncated;
    occurrence.truncated = 0;
    this.#later.cancel(group, at, hit.time);
    for (const together of occurrence.holding(at, hit.time)) {
      const { from, to, spared } = together;
      const held = { from, to, events: this.#eventsOf(group, together), measured: [] };
      if (spared.length === 0) this.#held(group, held, way);
      else if (
        !spared.some((each) => occurrence.has(each.member, each.from, each.to)) &&
        !this.#waits(group, held, way)
      ) {
        this.#later.await(group, together, held.events, way);
      }
      if (group.closed) return;
    }
    if (!way.rebuild) this.#later.passed(group, way);
    this.#groups.touch(group, now);
  }

  #eventsOf({ occurrence }: Group, { places }: Together): number[] {
    return places.flatMap((place, member) => {
      const event = occurrence!.members[member]!.data[place];
      return event === undefined ? [] : [event];
    });
  }

  /** An event that is not counted. One that a restart owes an alert for gives it when it comes again. */
  #passed(group: Group, why: "late" | "repeat", way: Way): void {
    const { counts } = group.owner;
    if (why === "late") counts.late++;
    else counts.repeats++;
    if (way.rebuild || this.#owed.size === 0) return;
    const id = this.#findingId(group, way.hit.id);
    const owed = this.#owed.get(id);
    if (!owed) return;
    this.#owed.delete(id);
    const { occurrence } = group;
    const events = occurrence
      ? occurrence.members.flatMap(({ data }) => data.slice(-1))
      : this.#samples.number(group);
    this.#held(group, { ...owed, events, measured: [] }, way);
  }

  #findingId({ owner, key }: Group, eventId: string): string {
    return stableId(owner.correlation.template.id, key, eventId);
  }

  /** The condition holds: it is told, unless it was a short time ago, and correlations that look at this one hear of it. */
  #held(group: Group, held: Held, way: Way): void {
    const { owner, values } = group;
    owner.counts.holds++;
    const began = !this.#waits(group, held, way) && this.#begin(group, held, way);
    for (const { running, member } of owner.parents) this.#feed(running, member, way, values, began);
  }

  #cooldownKey({ correlation: { cooldownBy } }: Running, { hit }: Way): string {
    return cooldownBy === undefined ? "" : (textOf(hit.doc.get(cooldownBy)) ?? "");
  }

  /** Whether it was told already: within a timespan, or for the same span where spans do not overlap. */
  #waits({ owner, fired }: Group, { from, to }: Held, way: Way): boolean {
    const { timespanMs } = owner.correlation;
    if (owner.cooldowns) {
      const last = owner.cooldowns.get(this.#cooldownKey(owner, way));
      return last !== undefined && Math.abs(to - last) <= timespanMs;
    }
    return owner.ranged ? fired >= from && fired <= to : Math.abs(to - fired) <= timespanMs;
  }

  /** Tells it; false where it is not to be told now. */
  #begin(group: Group, { from, to, events, measured }: Held, way: Way): boolean {
    const { owner, values } = group;
    const { correlation, counts } = owner;
    const { hit, rebuild } = way;
    const id = this.#findingId(group, hit.id);
    const known = correlation.raises && this.#deps.known(id);
    if (correlation.raises && rebuild && !known) {
      // What is stored says what was told. This was not, or was lost on its way to the store.
      this.#owed.set(id, { from, to });
      return false;
    }
    const at = owner.ranged ? Math.min(to, hit.time) : to;
    if (owner.cooldowns) owner.cooldowns.set(this.#cooldownKey(owner, way), at);
    else group.fired = Math.max(group.fired, at);
    if (!correlation.raises || known) return true;
    this.#deps.note(id);
    counts.alerts++;
    const story = { id, event: hit.event(), before: this.#before(events, hit.id), values, measured };
    way.alerts.push(correlationAlert(correlation, story, way.now));
    return true;
  }

  /** Events to be shown, oldest first, without one. */
  #before(events: readonly number[], without: string): Event[] {
    const samples = this.#samples;
    const seen = new Set([without]);
    return [...events]
      .sort((left, right) => samples.time(left) - samples.time(right))
      .filter((each) => {
        const id = samples.id(each);
        return !seen.has(id) && seen.add(id);
      })
      .slice(-sampleSize)
      .map((each) => samples.event(each));
  }

  /** The way of an event that is only remembered. */
  #wayOf(event: number, { alerts, now }: Pick<Way, "alerts" | "now">): Way {
    const samples = this.#samples;
    const id = samples.id(event);
    const time = samples.time(event);
    const body = samples.event(event);
    const ref = new EventRef(id, time, body.dataType ?? "", body);
    const hit: Hit = { id, time, doc: docOf(body), event: () => body, ref: () => ref };
    return { hit, idHash: this.#hashOf(id), alerts, now, arrived: now, rebuild: false };
  }

  #forget(group: Group): void {
    for (const each of group.samples) if (typeof each === "number") this.#samples.release(each);
    group.samples.length = 0;
    group.fresh = false;
    this.#later.forget(group);
    for (const { data, head, end } of group.occurrence?.members ?? []) {
      for (let at = head; at < end; at++) this.#samples.release(data[at]!);
    }
  }

  get stats(): CorrelatorStats {
    const { size, entries, bytes, expired } = this.#groups;
    return {
      groups: size,
      entries,
      bytes,
      expiredGroups: expired,
      droppedBodies: this.#samples.dropped,
      correlations: this.#running.map(({ correlation, counts }) => ({
        id: correlation.template.id,
        ...counts,
      })),
    };
  }
}
