import { docOf } from "@vedette/core/pipeline";
import type { Alert, Clock } from "@vedette/sdk";

import { type BodyLimits, EventRef } from "../bodies.ts";
import { Hash64 } from "../hash.ts";
import { EventMemory } from "../memory.ts";
import type { Correlation } from "./correlation.ts";
import { Counted } from "./counted.ts";
import { Groups } from "./groups.ts";
import { Later } from "./later.ts";
import { EntryRoom } from "./member-entries.ts";
import type { Together } from "./occurrence.ts";
import { Group, type GroupLimits, Running, sampleSize, type Tray } from "./running.ts";
import { Samples } from "./samples.ts";
import type { CorrelatorStats } from "./stats.ts";
import { type Found, Teller, type TellerDeps } from "./teller.ts";
import { TextReader } from "./text-reader.ts";
import { datumOf, valueAt } from "./values.ts";
import { type Held, type Hit, Taken, type Way } from "./way.ts";
import { Outcome } from "./window.ts";

export interface CorrelatorLimits extends GroupLimits, BodyLimits {
  /** Events remembered in all windows together. */
  readonly entries: number;
  /** Bytes that windows take, about. */
  readonly bytes: number;
}

interface Looking {
  readonly running: Running;
  readonly member: number;
}

/**
 * Runs correlations over the events for which rules held. Synchronous and bounded. The same events in the same order give the same
 * alerts with the same ids; an event that comes again counts once.
 */
export class Correlator {
  readonly #clock: Clock;
  readonly #running: readonly Running[];
  readonly #byRule = new Map<string, Looking[]>();
  readonly #groups: Groups;
  readonly #counted: Counted;
  readonly #room = new EntryRoom();
  readonly #samples: Samples;
  readonly #later: Later;
  readonly #teller: Teller;
  readonly #outcome = new Outcome();
  readonly #release = (event: number): void => this.#samples.release(event);
  /** Groups whose samples have no number yet. */
  readonly #fresh: Tray[] = [];
  readonly #tenant = new TextReader("tenantId");
  /** Correlations that took events in since batches were settled last: they look at the batch. */
  readonly #active: Running[] = [];
  readonly #way = new Taken();
  readonly #key = new Hash64();
  readonly #text = new Hash64();
  #unnamed = 0;

  /** `memory` is where the events of samples are: its own, or shared with history, which is settled behind this. */
  constructor(
    correlations: readonly Correlation[],
    deps: TellerDeps & { readonly clock: Clock },
    limits: CorrelatorLimits,
    memory = new EventMemory(limits),
  ) {
    this.#clock = deps.clock;
    this.#running = correlations.map(
      (each, number) => new Running(each, limits, number, this.#tenant, this.#room),
    );
    const byId = new Map(this.#running.map((each) => [each.correlation.template.id, each]));
    for (const running of this.#running) {
      for (const [member, { ref, isCorrelation }] of running.correlation.members.entries()) {
        if (isCorrelation) byId.get(ref)?.parents.push({ running, member });
        else this.#byRule.set(ref, [...(this.#byRule.get(ref) ?? []), { running, member }]);
      }
    }
    this.#samples = new Samples(memory);
    this.#groups = new Groups(this.#running, limits, (slot) => this.#forget(slot));
    this.#counted = new Counted(this.#groups);
    this.#teller = new Teller(this.#groups, this.#samples, deps);
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

  /**
   * Takes in that a rule held for an event, for all correlations or those of one cluster. Alerts are put into `alerts`. `now` is the
   * collector's time.
   */
  take(rule: string, hit: Hit, alerts: Alert[], cluster?: string, now = this.#clock.now()): void {
    const looking = this.#byRule.get(rule);
    if (!looking) return;
    const way = this.#way;
    way.alerts = alerts;
    way.now = now;
    way.arrived = now;
    way.rebuild = false;
    this.#take(looking, hit, way, cluster);
  }

  /** Takes in an event of before a restart; alerts of before are known by then. */
  rebuild(rule: string, hit: Hit, cluster?: string): void {
    const looking = this.#byRule.get(rule);
    if (!looking) return;
    const now = this.#clock.now();
    const stored = Date.parse(String(hit.doc.get("ingestedAt") ?? ""));
    const way = this.#way;
    way.alerts = [];
    way.now = now;
    way.arrived = Number.isNaN(stored) ? now : Math.min(stored, now);
    way.rebuild = true;
    this.#take(looking, hit, way, cluster);
  }

  /** Alerts of what did not come in time, and of windows that are over. */
  due(): Alert[] {
    const alerts: Alert[] = [];
    this.#later.due({ alerts, now: this.#clock.now() });
    return alerts;
  }

  /** Copies what is remembered of the batch that was looked at last, which may then be freed. */
  settle(): void {
    for (const group of this.#fresh) this.#samples.number(group);
    this.#fresh.length = 0;
    this.#samples.settle();
    for (const running of this.#active) {
      running.active = false;
      for (const { group, fields } of running.readers) {
        group.leave();
        fields?.leave();
      }
    }
    this.#active.length = 0;
    this.#tenant.leave();
    this.#counted.tidy();
    this.#room.tidy(() => this.#groups.memberEntries());
  }

  #hashOf(hit: Hit): number {
    const key = hit.key();
    return key.isEmpty ? this.#unnamed++ : key.number;
  }

  #take(looking: readonly Looking[], hit: Hit, way: Taken, cluster: string | undefined): void {
    way.hit = hit;
    way.idHash = this.#hashOf(hit);
    for (const { running, member } of looking) {
      if (cluster !== undefined && running.correlation.cluster !== cluster) continue;
      this.#feed(running, member, way, none, true);
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
    const { hit } = way;
    const { group, fields } = running.readers[at]!;
    if (!running.active) {
      running.active = true;
      this.#active.push(running);
    }
    if (!group.read(hit, inner, this.#key)) {
      counts.unresolved++;
      return;
    }
    if (question.kind === "measure") {
      const { of } = question;
      const text = fields?.read(hit, inner, this.#text) ? this.#text.number : undefined;
      const datum = of === "text" ? text : datumOf(of, at, member.fields[0], hit.doc, inner);
      if (datum === undefined) {
        counts.unresolved++;
        return;
      }
      if (running.counting) this.#count(running, at, inner, way);
      else {
        const id = question.of === "member" ? way.idHash + at : way.idHash;
        this.#measure(this.#groupOf(running, at, inner, way), datum, id, way);
      }
    } else this.#occur(this.#groupOf(running, at, inner, way), at, way);
  }

  /** The row of the group that was read last. */
  #slotOf(running: Running): number {
    const known = this.#groups.find(this.#key);
    return known >= 0 ? known : this.#groups.begin(running, this.#key);
  }

  #groupOf(running: Running, at: number, inner: readonly string[], { hit }: Way): Group {
    const slot = this.#slotOf(running);
    const { trays } = this.#groups;
    const known = trays[slot] as Group | undefined;
    if (known) return known;
    const group = new Group(running, slot, valuesOf(running, at, inner, hit));
    trays[slot] = group;
    return group;
  }

  #count(owner: Running, at: number, inner: readonly string[], way: Way): void {
    const { hit, now } = way;
    const { counts, counting, parents } = owner;
    const slot = this.#slotOf(owner);
    const out = this.#outcome;
    this.#counted.file(slot, counting!, hit.time, way.idHash, out);
    if (out.filed !== "filed") {
      const group = { owner, slot, values: valuesOf(owner, at, inner, hit) };
      this.#passed(group, out.filed, way);
      return;
    }
    counts.matches++;
    const size = this.#counted.size(slot);
    if (size >= owner.samplesFrom) {
      const { trays } = this.#groups;
      const tray = trays[slot];
      if (tray) this.#sample(tray, way);
      else {
        // A list that is written out takes the room of one, an empty one that grows that of 17.
        const first = { samples: [hit.ref()], fresh: true };
        trays[slot] = first;
        this.#fresh.push(first);
      }
    }
    if (out.holds) {
      const { from, to } = out;
      const found = { owner, slot, values: none };
      if (parents.length === 0 && this.#teller.waits(found, { from, to }, way)) counts.holds++;
      else {
        const { low, high } = this.#key;
        // Who raises nothing shows nothing.
        const shown = owner.correlation.raises;
        const measured = shown ? [...out.values] : noNumbers;
        const events = shown ? this.#samples.number(this.#groups.trays[slot]!) : noNumbers;
        const values = valuesOf(owner, at, inner, hit);
        this.#held({ ...found, values }, { from, to, events, measured }, way);
        // What looks at this one may have pushed it out.
        if (!this.#groups.is(slot, low, high)) return;
      }
    }
    this.#groups.touch(slot, size, now);
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
    this.#touch(group, way);
  }

  #touch(group: Group, { now }: Way): void {
    if (!group.closed) this.#groups.touch(group.slot, group.size, now);
  }

  #sample(tray: Tray, { hit }: Way): void {
    const { samples } = tray;
    samples.push(hit.ref());
    if (!tray.fresh) {
      tray.fresh = true;
      this.#fresh.push(tray);
    }
    const oldest = samples.length > sampleSize + 1 ? samples.shift() : undefined;
    if (typeof oldest === "number") this.#samples.release(oldest);
  }

  #occur(group: Group, at: number, way: Way): void {
    const { counts } = group.owner;
    const { hit, idHash } = way;
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
        !this.#teller.waits(group, held, way)
      ) {
        this.#later.await(group, together, held.events, way);
      }
      if (group.closed) return;
    }
    if (!way.rebuild) this.#later.passed(group, way);
    this.#touch(group, way);
  }

  #eventsOf({ occurrence }: Group, { places }: Together): number[] {
    return places.flatMap((place, member) => (place < 0 ? [] : [occurrence!.members[member]!.event(place)]));
  }

  /** An event that is not counted. One that a restart owes an alert for gives it when it comes again. */
  #passed(group: Found, why: "late" | "repeat", way: Way): void {
    const { counts } = group.owner;
    if (why === "late") counts.late++;
    else counts.repeats++;
    const owed = way.rebuild ? undefined : this.#teller.owed(group, way);
    if (!owed) return;
    const tray = this.#groups.trays[group.slot];
    const members = tray instanceof Group ? tray.occurrence?.members : undefined;
    const events =
      members?.flatMap((each) => (each.size > 0 ? [each.event(each.end - 1)] : [])) ??
      (tray ? this.#samples.number(tray) : []);
    this.#held(group, { ...owed, events, measured: [] }, way);
  }

  /** The condition holds: it is told, unless it was a short time ago, and correlations that look at this one hear of it. */
  #held(group: Found, held: Held, way: Way): void {
    const { owner, values } = group;
    owner.counts.holds++;
    const began = this.#teller.tell(group, held, way);
    for (const { running, member } of owner.parents) this.#feed(running, member, way, values, began);
  }

  /** The way of an event that is only remembered. */
  #wayOf(event: number, { alerts, now }: Pick<Way, "alerts" | "now">): Way {
    const samples = this.#samples;
    const id = samples.id(event);
    const time = samples.time(event);
    const body = samples.event(event);
    const ref = new EventRef(id, time, body.dataType ?? "", body);
    const hit: Hit = { id, time, doc: docOf(body), key: () => ref.key(), event: () => body, ref: () => ref };
    return { hit, idHash: this.#hashOf(hit), alerts, now, arrived: now, rebuild: false };
  }

  #forget(slot: number): void {
    this.#counted.close(slot);
    const tray = this.#groups.trays[slot];
    if (!tray) return;
    for (const each of tray.samples) if (typeof each === "number") this.#samples.release(each);
    tray.samples.length = 0;
    tray.fresh = false;
    if (!(tray instanceof Group)) return;
    tray.closed = true;
    this.#later.forget(tray);
    tray.occurrence?.close(this.#release);
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

const none: readonly string[] = [];
const noNumbers: readonly number[] = [];

/** The values of a group, read from an event that has them. */
const valuesOf = (
  { correlation }: Running,
  member: number,
  inner: readonly string[],
  { doc }: Hit,
): string[] => correlation.members[member]!.group.map((at) => valueAt(at, doc, inner) ?? "");
