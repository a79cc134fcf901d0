import { defaultTenant, type Event } from "@vedette/sdk";
import { Lru } from "../../bounded/index.ts";
import { stableId } from "../alert.ts";
import { rowFloats } from "../row-index.ts";
import { keyOf } from "../search.ts";
import { correlationAlert } from "./finding.ts";
import { firedAt, type Groups } from "./groups.ts";
import { type Group, type Running, sampleSize } from "./running.ts";
import type { Samples } from "./samples.ts";
import { textOf } from "./values.ts";
import type { Held, Way } from "./way.ts";

export interface TellerDeps {
  /** Whether an alert of this id was raised before. */
  readonly known: (id: string) => boolean;
  /** Notes an alert that is raised. */
  readonly note: (id: string) => void;
}

/** A group that something is found in. */
export interface Found {
  readonly owner: Running;
  /** Its row among all groups. */
  readonly slot: number;
  /** Values of its fields, in the order of `groupBy`. */
  readonly values: readonly string[];
}

/** Windows of a group that are known to be told of. */
const maxTold = 256;

type Span = Pick<Held, "from" | "to">;

/** Findings of before a restart that may not have been stored; told again when their event comes again. */
const maxOwed = 10_000;

/** Decides what is told, and makes alerts of it: each once, and none for a timespan after another of its group. */
export class Teller {
  readonly #groups: Groups;
  readonly #samples: Samples;
  readonly #deps: TellerDeps;
  readonly #owed = new Lru<string, Span>(maxOwed);

  constructor(groups: Groups, samples: Samples, deps: TellerDeps) {
    this.#groups = groups;
    this.#samples = samples;
    this.#deps = deps;
  }

  /** What a restart owes for an event that comes again, once. */
  owed(group: Found, { hit }: Way): Span | undefined {
    if (this.#owed.size === 0) return undefined;
    const id = this.#findingId(group, hit.id);
    const owed = this.#owed.get(id);
    if (owed) this.#owed.delete(id);
    return owed;
  }

  #findingId({ owner, values }: Found, eventId: string): string {
    return stableId(owner.correlation.template.id, keyOf(values), eventId);
  }

  #cooldownKey({ correlation: { cooldownBy } }: Running, { hit }: Way): string {
    if (cooldownBy === undefined) return "";
    const tenant = textOf(hit.doc.get("tenantId")) ?? defaultTenant.id;
    return keyOf([tenant, textOf(hit.doc.get(cooldownBy)) ?? ""]);
  }

  /** Whether it was told already: within a timespan, or for the same span where spans do not overlap. */
  waits({ owner, slot }: Omit<Found, "values">, { from, to }: Span, way: Way): boolean {
    const { timespanMs } = owner.correlation;
    if (owner.cooldowns) {
      const last = owner.cooldowns.get(this.#cooldownKey(owner, way));
      return last !== undefined && Math.abs(to - last) <= timespanMs;
    }
    if (owner.ranged) return this.#toldOf(slot).some((told) => told >= from && told <= to);
    return Math.abs(to - this.#groups.floats[slot * rowFloats + firedAt]!) <= timespanMs;
  }

  /** Tells it; false where it is not to be told now. */
  tell(group: Found, held: Held, way: Way): boolean {
    return !this.waits(group, held, way) && this.#begin(group, held, way);
  }

  #begin(group: Found, { from, to, events, measured }: Held, way: Way): boolean {
    const { owner, values } = group;
    const { correlation, counts } = owner;
    const { hit, rebuild } = way;
    // Nobody hears of one that raises nothing, so it needs no id.
    const id = correlation.raises ? this.#findingId(group, hit.id) : "";
    const known = correlation.raises && this.#deps.known(id);
    if (correlation.raises && rebuild && !known) {
      // What is stored says what was told. This was not, or was lost on its way to the store.
      this.#owed.set(id, { from, to });
      return false;
    }
    const at = owner.ranged ? Math.min(to, hit.time) : to;
    if (owner.cooldowns) owner.cooldowns.set(this.#cooldownKey(owner, way), at);
    else if (owner.ranged) this.#noteTold(group, at);
    else {
      const { floats } = this.#groups;
      const place = group.slot * rowFloats + firedAt;
      floats[place] = Math.max(floats[place]!, at);
    }
    if (!correlation.raises || known) return true;
    this.#deps.note(id);
    counts.alerts++;
    const story = { id, event: hit.event(), before: this.#before(events, hit.id), values, measured };
    way.alerts.push(correlationAlert(correlation, story, way.now));
    return true;
  }

  #toldOf(slot: number): number[] {
    return (this.#groups.trays[slot] as Group).told;
  }

  /** Late events may be in any window that is not too old for them, so all those that were told of are kept. */
  #noteTold({ owner, slot }: Found, at: number): void {
    const told = this.#toldOf(slot);
    const oldest = Math.max(at, ...told) - owner.correlation.timespanMs - owner.lateMs;
    const left = told.filter((each) => each >= oldest).slice(1 - maxTold);
    told.splice(0, told.length, ...left, at);
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
}
