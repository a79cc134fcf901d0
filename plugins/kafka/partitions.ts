import type { Place } from "./client.ts";

/** What is known of one partition. */
interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** Everything before this offset was pushed or lies in the spool. */
  taken: number;
  leaderEpoch: number;
  /** The offset the group had when the partition was given to this member; undefined before the first record of it. */
  from: number | undefined;
  /** Everything before this offset is on disk. */
  durable: number;
  committed: number;
}

/**
 * How far each partition is taken, on disk and committed. A place is committed only while this member has the partition, and
 * only forward of where it was given: what became durable for an earlier ownership must not set the group back.
 */
export class Partitions {
  readonly #known = new Map<string, Partition>();
  #assigned = new Set<string>();

  /** The group has shared its partitions out anew. Those kept go on; the others start from what the group says. */
  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    const now = new Set(partitions.map(({ topic, partition }) => keyOf(topic, partition)));
    for (const key of now) {
      const known = this.#known.get(key);
      if (known && !this.#assigned.has(key)) known.from = undefined;
    }
    this.#assigned = now;
  }

  /**
   * `seen` where a record was pushed before. `durable` gives the end of what lies in the spool. A record that was fetched
   * before its partition went to another member is taken too: it may come twice, but the client could leave it out when the
   * partition comes back.
   */
  take({ topic, partition, offset, leaderEpoch }: Place, durable: () => number | undefined): "take" | "seen" {
    const key = keyOf(topic, partition);
    let known = this.#known.get(key);
    if (!known) {
      const end = durable() ?? 0;
      known = { topic, partition, taken: end, leaderEpoch, from: undefined, durable: end, committed: 0 };
      this.#known.set(key, known);
    }
    known.leaderEpoch = leaderEpoch;
    if (this.#assigned.has(key)) known.from ??= offset;
    if (offset < known.taken) return "seen";
    known.taken = offset + 1;
    return "take";
  }

  durable(topic: string, partition: number, end: number): void {
    const known = this.#known.get(keyOf(topic, partition));
    if (known) known.durable = Math.max(known.durable, end);
  }

  /** Places that the group does not know yet. */
  due(): Place[] {
    const places: Place[] = [];
    for (const key of this.#assigned) {
      const known = this.#known.get(key);
      if (known?.from === undefined) continue;
      const { topic, partition, leaderEpoch, durable, committed, from } = known;
      if (durable > from && durable > committed)
        places.push({ topic, partition, leaderEpoch, offset: durable });
    }
    return places;
  }

  committed(places: readonly Place[]): void {
    for (const { topic, partition, offset } of places) {
      const known = this.#known.get(keyOf(topic, partition));
      if (known) known.committed = offset;
    }
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
