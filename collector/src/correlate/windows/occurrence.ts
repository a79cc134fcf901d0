import { type EntryRoom, MemberEntries } from "./member-entries.ts";

/** What must occur together, and what must not beside it. Numbers are places of members. */
export interface Term {
  readonly present: readonly number[];
  readonly absent: readonly number[];
}

/** What is asked of the events of a group whose members must occur within a timespan. */
export interface OccurrenceSpec {
  readonly timespanMs: number;
  readonly lateMs: number;
  /** Members occur in the order of their places. Equal times are in any order. */
  readonly ordered: boolean;
  readonly members: number;
  /** One of them must hold. */
  readonly terms: readonly Term[];
  /** Entries of a group that are kept, of one member. */
  readonly keep: number;
}

/** Events that occur together. */
export interface Together {
  /** Places in the entries of members, by member; -1 of those that are not asked for. */
  readonly places: readonly number[];
  readonly from: number;
  readonly to: number;
  /** Absent members and when they must not have come. Empty where the term has none. */
  readonly spared: readonly { readonly member: number; readonly from: number; readonly to: number }[];
}

/** The events of one group of a correlation whose members must occur together. */
export class Occurrence {
  readonly #spec: OccurrenceSpec;
  readonly members: readonly MemberEntries[];
  newest = Number.NEGATIVE_INFINITY;
  truncated = 0;

  constructor(spec: OccurrenceSpec, room: EntryRoom) {
    this.#spec = spec;
    this.members = Array.from({ length: spec.members }, () => new MemberEntries(room));
  }

  get size(): number {
    let size = 0;
    for (const member of this.members) size += member.size;
    return size;
  }

  /** Files an event; `event` is what is kept of it. `gone` is told of kept events that leave. */
  file(
    member: number,
    time: number,
    id: number,
    event: number,
    gone: (event: number) => void,
  ): "filed" | "repeat" | "late" {
    const { lateMs } = this.#spec;
    if (time < this.newest - lateMs) return "late";
    const own = this.members[member]!;
    if (!own.add(time, id, event)) return "repeat";
    if (time > this.newest) {
      this.newest = time;
      this.#forget(gone);
    }
    if (own.size > this.#spec.keep) {
      this.truncated++;
      this.#drop(own, own.head + 1, gone);
    }
    return "filed";
  }

  #forget(gone: (event: number) => void): void {
    const before = this.newest - this.#spec.timespanMs - this.#spec.lateMs;
    for (const each of this.members) {
      let to = each.head;
      while (to < each.end && each.time(to) < before) to++;
      if (to > each.head) this.#drop(each, to, gone);
    }
  }

  #drop(of: MemberEntries, to: number, gone: (event: number) => void): void {
    for (let at = of.head; at < to; at++) gone(of.event(at));
    of.head = to;
  }

  /** Terms that hold with an event of a member in them, each as it is found first. */
  holding(member: number, time: number): readonly Together[] {
    let holding: Together[] | undefined;
    for (const term of this.#spec.terms) {
      if (!this.#mayHold(term) || !term.present.includes(member)) continue;
      const found = this.#spec.ordered ? this.#inOrder(term, member, time) : this.#anyOrder(term, time);
      if (!found) continue;
      holding ??= [];
      holding.push({ ...found, spared: this.#spared(term, found.places) });
    }
    return holding ?? none;
  }

  /** Whether all that must be there have events at all: most often they do not. */
  #mayHold({ present }: Term): boolean {
    for (const member of present) if (this.members[member]!.size === 0) return false;
    return true;
  }

  /** The earliest end of a timespan that has an event of this time and all that must be there. */
  #anyOrder({ present }: Term, time: number): Omit<Together, "spared"> | undefined {
    const { timespanMs } = this.#spec;
    let end = time;
    for (;;) {
      const places = this.members.map(() => -1);
      let from = end;
      let complete = true;
      for (const member of present) {
        const entries = this.members[member]!;
        const place = entries.after(end) - 1;
        if (place < entries.head || entries.time(place) < end - timespanMs) {
          complete = false;
          break;
        }
        places[member] = place;
        from = Math.min(from, entries.time(place));
      }
      if (complete) return { places, from, to: end };
      const next = this.#next(present, end);
      if (next === undefined || next > time + timespanMs) return undefined;
      end = next;
    }
  }

  /** The time after this one at which a member occurs. */
  #next(present: readonly number[], time: number): number | undefined {
    let next: number | undefined;
    for (const member of present) {
      const entries = this.members[member]!;
      const place = entries.after(time);
      if (place === entries.end) continue;
      const at = entries.time(place);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** From the event back to the latest ones before it, and on to the earliest ones after it: no other way is shorter. */
  #inOrder({ present }: Term, member: number, time: number): Omit<Together, "spared"> | undefined {
    const places = this.members.map(() => -1);
    const own = present.indexOf(member);
    places[member] = this.members[member]!.after(time) - 1;
    let from = time;
    for (let at = own - 1; at >= 0; at--) {
      const entries = this.members[present[at]!]!;
      const place = entries.after(from) - 1;
      if (place < entries.head) return undefined;
      places[present[at]!] = place;
      from = entries.time(place);
    }
    let to = time;
    for (let at = own + 1; at < present.length; at++) {
      const entries = this.members[present[at]!]!;
      const place = entries.from(to);
      if (place >= entries.end) return undefined;
      places[present[at]!] = place;
      to = entries.time(place);
    }
    return to - from <= this.#spec.timespanMs ? { places, from, to } : undefined;
  }

  /** When absent members must not come: within one timespan with all that is there and, in order, in their place. */
  #spared({ absent }: Term, places: readonly number[]): Together["spared"] {
    const { timespanMs, ordered } = this.#spec;
    const timeOf = (member: number): number => this.members[member]!.time(places[member]!);
    const there = places.flatMap((place, member) => (place < 0 ? [] : [member]));
    const times = there.map(timeOf);
    const earliest = Math.max(...times) - timespanMs;
    const latest = Math.min(...times) + timespanMs;
    return absent.map((member) => {
      if (!ordered) return { member, from: earliest, to: latest };
      const before = there.filter((each) => each < member).map(timeOf);
      const behind = there.filter((each) => each > member).map(timeOf);
      return { member, from: Math.max(earliest, ...before), to: Math.min(latest, ...behind) };
    });
  }

  /** Whether a member has an event in a time, both ends included. */
  has(member: number, from: number, to: number): boolean {
    const entries = this.members[member]!;
    return entries.after(to) > entries.from(from);
  }

  /** Lets go of all events, and of the room that they take. */
  close(gone: (event: number) => void): void {
    for (const each of this.members) {
      for (let at = each.head; at < each.end; at++) gone(each.event(at));
      each.close();
    }
  }
}

const none: readonly Together[] = [];
