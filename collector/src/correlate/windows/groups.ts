import { Chain } from "../../bounded/index.ts";
import { Group, type Running, weights } from "./running.ts";

export interface GroupsLimits {
  /** Events remembered in all windows together. */
  readonly entries: number;
  /** Bytes that groups and their entries take, about. */
  readonly bytes: number;
  readonly lateMs: number;
}

/** After how many events the hand moves on, and how far. */
const sweepEvery = 16;
const sweepSteps = 6;

/** Bytes of a group beside its entries and its key, about. */
const groupBytes = 700;

/**
 * All groups within bounds. Where there are too many, the stalest of the lightest go first: a flood of sources that are seen once
 * pushes out others like it, never one that is about to be told of.
 */
export class Groups {
  readonly #limits: GroupsLimits;
  readonly #gone: (group: Group) => void;
  readonly #byWeight = Array.from({ length: weights }, () => new Chain<Group>());
  /** Walks over all groups and closes those that no window asks for any more. */
  #hand: Iterator<Group> | undefined;
  #handOwner = 0;
  #events = 0;
  readonly #owners: readonly Running[];
  size = 0;
  entries = 0;
  bytes = 0;
  expired = 0;

  constructor(owners: readonly Running[], limits: GroupsLimits, gone: (group: Group) => void) {
    this.#owners = owners;
    this.#limits = limits;
    this.#gone = gone;
  }

  /** The group of a key, begun where there is none. */
  of(owner: Running, key: string, values: readonly string[]): Group {
    const known = owner.groups.get(key);
    if (known) return known;
    const group = new Group(owner, key, values);
    owner.groups.set(key, group);
    this.#byWeight[0]!.add(group);
    this.size++;
    this.bytes += groupBytes + key.length * 2;
    return group;
  }

  /** Notes that a group got something; gives up others where there is too much now, and may be the group itself. */
  touch(group: Group, now: number): void {
    if (group.closed) return;
    group.touched = now;
    const { size } = group;
    const more = size - group.entries;
    if (more !== 0) {
      group.entries = size;
      this.entries += more;
      this.bytes += more * group.owner.entryBytes;
    }
    const weight = 31 - Math.clz32(size | 1);
    const chain = this.#byWeight[Math.min(weight, weights - 1)]!;
    if (weight === group.weight) chain.touch(group);
    else {
      this.#byWeight[group.weight]!.remove(group);
      group.weight = Math.min(weight, weights - 1);
      chain.add(group);
    }
    if (++this.#events % sweepEvery === 0) this.#sweep(now);
    while (this.entries > this.#limits.entries || this.bytes > this.#limits.bytes) {
      const lightest = this.#byWeight.find(({ oldest }) => oldest !== undefined)?.oldest;
      if (!lightest) return;
      lightest.owner.counts.evicted++;
      this.close(lightest);
      if (lightest === group) return;
    }
  }

  /** Some steps of the hand, so that all are seen again and again. Few: each looks at memory that nothing else asks for. */
  #sweep(now: number): void {
    for (let step = 0; step < sweepSteps; step++) {
      const next = this.#hand?.next();
      if (!next || next.done) {
        this.#handOwner = (this.#handOwner + 1) % this.#owners.length;
        this.#hand = this.#owners[this.#handOwner]!.groups.values();
        continue;
      }
      const group = next.value;
      const { timespanMs } = group.owner.correlation;
      if (group.touched + timespanMs + this.#limits.lateMs >= now || group.due < Number.POSITIVE_INFINITY)
        continue;
      this.expired++;
      this.close(group);
    }
  }

  close(group: Group): void {
    if (group.closed) return;
    group.closed = true;
    group.owner.groups.delete(group.key);
    this.#byWeight[group.weight]!.remove(group);
    this.size--;
    this.entries -= group.entries;
    this.bytes -= groupBytes + group.key.length * 2 + group.entries * group.owner.entryBytes;
    this.#gone(group);
  }
}
