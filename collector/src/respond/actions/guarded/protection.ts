import { getServers } from "node:dns";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import {
  type Clock,
  canonicalTarget,
  type ListEntry,
  NeverTouch,
  parsePrefix,
  TargetList,
} from "@vedette/sdk";
import type { ActionsConfig } from "../../../config/index.ts";
import type { ControlDatabase } from "../../../control/index.ts";

/** What targets are judged by. */
export interface Lists {
  /** Another one is another state of the lists. */
  readonly version: string;
  readonly never: NeverTouch;
  readonly allow: TargetList;
}

export interface ProtectionDeps {
  readonly config: ActionsConfig;
  readonly clock: Clock;
  /** More that is never touched: what this collector depends on. Addresses only; asked every half minute. */
  readonly more?: (() => Promise<readonly ListEntry[]>) | undefined;
  /** What this machine is and needs; the real one where it is left out. */
  readonly machine?: () => Promise<readonly ListEntry[]>;
}

const machineMs = 30_000;
const versionName = "actions.lists";
const maxOperators = 1_000;
const noteMs = 300_000;

/**
 * The never-touch list and the allow list as they are now: of the configuration, of the database, of this machine, and the
 * addresses of people who use the API.
 */
export class Protection {
  readonly #deps: ProtectionDeps;
  /** Operators heard by this process, with when they were written last. */
  readonly #heard = new Map<string, { readonly name: string; at: number; written: number }>();
  /** Grows with every new address. */
  #newcomers = 0;
  #machine: readonly ListEntry[] = [];
  #machineText = "";
  #machineVersion = 0;
  #machineAt = Number.NEGATIVE_INFINITY;
  #built: { readonly key: string; readonly until: number; readonly lists: Lists } | undefined;

  constructor(deps: ProtectionDeps) {
    this.#deps = deps;
  }

  /** Looks at this machine anew, where that was long ago. Before a transaction that asks for the lists. */
  async refresh(): Promise<void> {
    const { clock, machine = thisMachine, more } = this.#deps;
    if (clock.now() - this.#machineAt < machineMs) return;
    const found = [...(await machine()), ...((await more?.()) ?? [])];
    const text = JSON.stringify(found);
    if (text !== this.#machineText) {
      this.#machine = found;
      this.#machineText = text;
      this.#machineVersion++;
    }
    this.#machineAt = clock.now();
  }

  /** The lists, read in a transaction; made anew only where something has changed. */
  async lists(database: ControlDatabase): Promise<Lists> {
    const { config, clock } = this.#deps;
    const now = clock.now();
    const changed = await database
      .selectFrom("settings")
      .select("value")
      .where("name", "=", versionName)
      .executeTakeFirst();
    const heard = [...this.#heard].map(([address, { name }]) => operator(address, name));
    const key = JSON.stringify([changed?.value, this.#machineVersion, this.#newcomers]);
    if (this.#built?.key === key && now < this.#built.until) return this.#built.lists;
    const rows = await database
      .selectFrom("action_lists")
      .selectAll()
      .where((each) => each.or([each("ends_at", "is", null), each("ends_at", ">", now)]))
      .execute();
    const operators = await database
      .selectFrom("action_operators")
      .select(["address", "name"])
      .where("seen_at", ">", now - config.operatorHours * 3_600_000)
      .orderBy("seen_at", "desc")
      .limit(maxOperators)
      .execute();
    const of = (list: string): ListEntry[] =>
      rows
        .filter((row) => row.list === list)
        .map(({ entry, reason }) => ({ entry, why: reason || `on the ${list} list` }));
    const configured = config.neverTouch.map((entry) => ({
      entry,
      why: "on the never-touch list of the configuration",
    }));
    const seen = operators.map(({ address, name }) => operator(address, name));
    const lists = {
      version: key,
      never: new NeverTouch([...configured, ...of("never-touch"), ...this.#machine, ...seen, ...heard], {
        allowNonGlobal: config.allowNonGlobal,
        widest: config.widest,
      }),
      allow: new TargetList([
        ...config.allow.map((entry) => ({ entry, why: "on the allow list of the configuration" })),
        ...of("allow"),
      ]),
    };
    const ends = rows.flatMap(({ ends_at }) => (ends_at === null ? [] : [Number(ends_at)]));
    this.#built = { key, until: Math.min(now + 60_000, ...ends), lists };
    return lists;
  }

  /** Says that the lists have changed, in the transaction that changes them. */
  async changed(transaction: ControlDatabase, now: number): Promise<void> {
    const value = `${now}.${Math.random()}`;
    await transaction
      .insertInto("settings")
      .values({ name: versionName, value: JSON.stringify(value), updated_at: now })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet({ value: JSON.stringify(value), updated_at: now }),
      )
      .execute();
  }

  /** Notes from where somebody uses the API. It is protected at once, and written every few minutes. */
  async heard(database: ControlDatabase, address: string, name: string): Promise<void> {
    const canonical = canonicalTarget({ type: "ip", value: address.split("%")[0]! });
    if (canonical?.type !== "ip" || /^(127\.|::1$)/.test(canonical.value)) return;
    const now = this.#deps.clock.now();
    const { value } = canonical;
    const known = this.#heard.get(value);
    const note = { name, at: now, written: known?.written ?? Number.NEGATIVE_INFINITY };
    if (!known) this.#newcomers++;
    this.#heard.delete(value);
    this.#heard.set(value, note);
    for (const [oldest, { at }] of this.#heard) {
      const old = now - at > this.#deps.config.operatorHours * 3_600_000;
      if (!old && this.#heard.size <= maxOperators) break;
      this.#heard.delete(oldest);
    }
    if (now - note.written < noteMs) return;
    note.written = now;
    await database
      .insertInto("action_operators")
      .values({ address: value, name, seen_at: now })
      .onConflict((conflict) => conflict.column("address").doUpdateSet({ name, seen_at: now }))
      .execute();
    if (!known) await this.changed(database, now);
  }
}

const operator = (address: string, name: string): ListEntry => ({
  entry: address,
  why: `${name} uses the API from there`,
});

/** Addresses of this machine, its resolvers and its gateways. */
async function thisMachine(): Promise<ListEntry[]> {
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .map(({ address }) => ({ entry: address, why: "an address of this machine" }));
  const resolvers = getServers().map((server) => ({
    entry: server.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1"),
    why: "a resolver of this machine",
  }));
  const gateways = (await gatewaysOf()).map((entry) => ({ entry, why: "a gateway of this machine" }));
  return [...own, ...resolvers, ...gateways]
    .map((each) => ({ ...each, entry: each.entry.split("%")[0]! }))
    .filter(({ entry }) => parsePrefix(entry) !== undefined);
}

/** The gateways of the kernel's routes, where it has /proc. */
async function gatewaysOf(): Promise<string[]> {
  const read = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
  const four = (await read("/proc/net/route"))
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const hex = line.split("\t")[2] ?? "";
      // Little-endian, as the kernel keeps it.
      return /^[0-9A-F]{8}$/.test(hex) && hex !== "00000000"
        ? [
            hex
              .match(/../g)!
              .reverse()
              .map((byte) => Number.parseInt(byte, 16))
              .join("."),
          ]
        : [];
    });
  const six = (await read("/proc/net/ipv6_route")).split("\n").flatMap((line) => {
    const hex = line.split(/\s+/)[4] ?? "";
    return /^[0-9a-f]{32}$/.test(hex) && !/^0+$/.test(hex) ? [hex.match(/.{4}/g)!.join(":")] : [];
  });
  return [...new Set([...four, ...six])];
}
