import type { Logger } from "@vedette/sdk";
import { GroupCommit } from "../bounded/index.ts";
import { type Owner, partitionOf, type Routing } from "../detect/index.ts";
import type { MatchMemory, ReadRecord } from "./memory.ts";
import { decodeMatches } from "./record.ts";

/** Alerts that repeat each other are at most so far apart. */
const alertWindowMs = 7 * 86_400_000;
const maxPartitions = 10_000;

interface Reader {
  readonly partition: number;
  readonly owner: Owner;
}

export interface RebuildDeps {
  readonly memory: MatchMemory;
  /** That of the rules which run now. */
  readonly routing: () => Routing;
  readonly partitions: number;
  readonly now: () => number;
  readonly log: Logger;
}

/** Fills owners with what those before them remembered. */
export class Rebuilder {
  readonly #deps: RebuildDeps;
  /** Partitions that come together share one reading of the alerts. */
  readonly #alerts: GroupCommit<Reader>;

  constructor(deps: RebuildDeps) {
    this.#deps = deps;
    this.#alerts = new GroupCommit((readers) => this.#readAlerts(readers), maxPartitions);
  }

  /** Reads all alerts, and the matches before an offset. Rejects where the store does. */
  async fill(owner: Owner, partition: number, offset: bigint): Promise<void> {
    const { memory, partitions, now, log } = this.#deps;
    const started = now();
    await this.#alerts.add({ partition, owner });
    let matches = 0;
    const take = (read: ReadRecord, moved: boolean): void => {
      const record = decodeMatches(read.value);
      for (const match of record.matches) {
        if (read.at + owner.neededMs(match) < read.newest) continue;
        if (moved && !match.routes.some((route) => partitionOf(route, partitions) === partition)) continue;
        owner.rebuild(match);
        matches++;
      }
      owner.settle();
      record.free();
    };
    for await (const read of memory.ofEarlierTopics()) take(read, true);
    for await (const read of memory.before(partition, offset)) take(read, false);
    const ms = now() - started;
    log.info({ partition, offset: String(offset), matches, ms }, "What a partition remembers was read back.");
  }

  async #readAlerts(readers: readonly Reader[]): Promise<void> {
    const { memory, partitions, now } = this.#deps;
    const routing = this.#deps.routing();
    const owners = new Map(readers.map(({ partition, owner }) => [partition, owner]));
    for await (const alert of memory.alertsSince(now() - alertWindowMs, routing.remembering())) {
      const places = new Set(routing.ofAlert(alert).map((route) => partitionOf(route, partitions)));
      for (const place of places) owners.get(place)?.restore(alert);
    }
  }
}
