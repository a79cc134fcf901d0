import { hash } from "node:crypto";
import { type Clock, type Prefix, parsePrefix } from "@vedette/sdk";
import type { ControlDatabase } from "../../control/index.ts";

/** An address or a range that is banned, or was. Times in milliseconds since 1970. */
export interface Listed {
  /** Id of the run of the action. */
  readonly id: string;
  /** Canonical. */
  readonly target: string;
  readonly range: Prefix;
  readonly reason: string;
  readonly since: number;
  readonly until: number;
}

/** `blocklist`: what `blocklist/ban` put there. `bans`: what any action bans. */
export const blocklistNames = ["blocklist", "bans"] as const;
export type BlocklistName = (typeof blocklistNames)[number];

/** Most that is given out. */
const mostListed = 100_000;

const columns = ["id", "target", "reason", "created_at", "begun_at", "ended_at", "expires_at"] as const;

interface Row {
  readonly id: string;
  readonly target: string;
  readonly reason: string;
  readonly created_at: number;
  readonly begun_at: number | null;
  readonly ended_at: number | null;
  readonly expires_at: number | null;
}

/** What firewalls and bouncers that ask this collector are to block: read from the containments that stand. */
export class Blocklist {
  readonly #database: ControlDatabase;
  readonly #clock: Clock;

  constructor(database: ControlDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * What is banned now, by target, each once with its latest end. What is being lifted, or has ended by its time, is not among it,
   * whether the collector has noticed that yet or not.
   */
  async active(name: BlocklistName): Promise<Listed[]> {
    const now = this.#clock.now();
    const rows = await this.#rows(name)
      .where("state", "=", "standing")
      .where("expires_at", ">", now)
      .orderBy("expires_at", "desc")
      .limit(mostListed)
      .execute();
    return unique(rows.flatMap(listedOf)).sort(byTarget);
  }

  /** What has ended since then and is not banned by another run. */
  async ended(name: BlocklistName, since: number): Promise<Listed[]> {
    const now = this.#clock.now();
    const rows = await this.#rows(name)
      .where("begun_at", "is not", null)
      .where((each) =>
        each.or([
          each.and([each("expires_at", ">", since), each("expires_at", "<=", now)]),
          each.and([each("ended_at", ">", since), each("ended_at", "<=", now)]),
          each("state", "=", "lifting"),
        ]),
      )
      .orderBy("expires_at", "desc")
      .limit(mostListed)
      .execute();
    const active = new Set((await this.active(name)).map(({ target }) => target));
    return unique(rows.flatMap(listedOf))
      .filter(({ target }) => !active.has(target))
      .sort(byTarget);
  }

  #rows(name: BlocklistName) {
    const rows = this.#database
      .selectFrom("action_runs")
      .select(columns)
      .where("containment", "=", 1)
      .where("dry", "=", 0)
      .where("target_type", "in", ["ip", "cidr"]);
    return name === "bans" ? rows : rows.where("action", "=", "blocklist/ban");
  }
}

/** Of several rows for a target the first. */
const unique = (list: readonly Listed[]): Listed[] => [
  ...new Map(list.toReversed().map((each) => [each.target, each])).values(),
];

const byTarget = (left: Listed, right: Listed): number =>
  left.range.family - right.range.family ||
  (left.range.base < right.range.base ? -1 : left.range.base > right.range.base ? 1 : 0) ||
  left.range.bits - right.range.bits;

function listedOf({ id, target, reason, created_at, begun_at, ended_at, expires_at }: Row): Listed[] {
  const range = parsePrefix(target);
  if (!range) return [];
  const until = Math.min(
    Number(expires_at ?? 0),
    ended_at === null ? Number.MAX_SAFE_INTEGER : Number(ended_at),
  );
  return [{ id, target, range, reason, since: Number(begun_at ?? created_at), until }];
}

/** Changes with what is banned and until when, and with nothing else. */
export const tagOf = (list: readonly Listed[], more: string): string =>
  `"${hash("sha256", JSON.stringify([more, list.map(({ target, until }) => [target, until])]), "hex").slice(0, 32)}"`;
