import { createHash } from "node:crypto";
import type { Redactor } from "@vedette/core/telemetry";
import {
  type AnyConnectionType,
  type ConnectionDeps,
  type ConnectionSource,
  type ConnectionType,
  isVedetteError,
  messageOf,
  VedetteError,
} from "@vedette/sdk";
import type { ConnectionKinds } from "./kinds.ts";
import { wholeOf } from "./parts.ts";
import type { ConnectionStore } from "./store.ts";

/** What one call of a plugin's hook borrows. `release` at its end: clients that were replaced are closed then. */
export interface ConnectionLease extends ConnectionSource {
  release(): void;
}

interface ClientsDeps extends ConnectionDeps {
  readonly store: ConnectionStore;
  readonly kinds: ConnectionKinds;
  readonly redactor: Redactor;
}

interface Client {
  readonly key: string;
  readonly type: AnyConnectionType;
  readonly opened: Promise<unknown>;
  leases: number;
  /** No longer given out; closed when nobody has it. */
  retired: boolean;
  /** Closed, or about to be: nobody can take it any more. */
  closed: boolean;
}

interface Known {
  readonly version: number;
  readonly client: Client;
  /** When the version was last looked up. */
  checkedAt: number;
}

/** A change on another collector is seen this late at most; one on this collector at once. */
const lookAgainMs = 1_000;
const maxNames = 1_000;
const closeMs = 5_000;

/**
 * Opens connections and keeps what they opened: one client for a key, shared by all hooks and by connections with the same
 * settings, replaced when the settings change and closed when its last user is done.
 */
export class ConnectionClients {
  readonly #deps: ClientsDeps;
  readonly #clients = new Map<string, Client>();
  readonly #names = new Map<string, Known>();
  readonly #leases = new Set<Lease>();
  readonly #closing = new Set<Promise<void>>();

  constructor(deps: ClientsDeps) {
    this.#deps = deps;
  }

  /** For one call of a hook. `by` is what people read when the connection is in use, such as `jira (action)`. */
  lease(by: string): ConnectionLease {
    const lease = new Lease(by, (type, name) => this.#client(type, name), {
      failed: (client) => this.#retire(client),
      returned: (client) => this.#closeUnused(client),
      ended: () => this.#leases.delete(lease),
    });
    this.#leases.add(lease);
    return lease;
  }

  /** Who has the connection in hand now. */
  heldBy(name: string): string[] {
    return [...new Set([...this.#leases].flatMap((lease) => (lease.names.has(name) ? [lease.by] : [])))];
  }

  /** To be told of every change that is made here, so that the next call opens it anew. */
  changed(name: string): void {
    const known = this.#names.get(name);
    if (known === undefined) return;
    this.#names.delete(name);
    // Though others share it: a key of the plugin's own may be the same for the new settings.
    this.#retire(known.client);
  }

  /** Takes all clients back; waits for those that nobody has any more, for a bounded time. */
  async stop(): Promise<void> {
    for (const [name, known] of [...this.#names]) this.#forget(name, known);
    for (const client of [...this.#clients.values()]) this.#retire(client);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    await Promise.race([Promise.all(this.#closing), late]);
    clearTimeout(timer);
  }

  async #client(type: AnyConnectionType, name: string): Promise<Client> {
    const { clock, kinds, store } = this.#deps;
    const known = this.#names.get(name);
    const fits = known?.client.type === type && !known.client.retired;
    if (fits && Math.abs(clock.now() - known.checkedAt) < lookAgainMs) return known.client;
    if (fits && (await store.version(name)) === known.version) {
      known.checkedAt = clock.now();
      return known.client;
    }
    const kind = kinds.ofType(type);
    if (kind === undefined)
      throw unknown(`The kind "${type.title}" is not among the connections of a plugin.`);
    const { connection, parts } = await store.reveal(name);
    if (connection.plugin !== kind.plugin || connection.kind !== kind.kind)
      throw unknown(
        `The connection "${name}" is of the kind ${connection.plugin}/${connection.kind}, not ${kind.plugin}/${kind.kind}.`,
      );
    const whole = wholeOf(parts);
    this.#deps.redactor.knowAt(whole, kind.secrets);
    const settings = settingsOf(type, name, whole);
    const own =
      type.cacheKey?.(settings) ?? createHash("sha256").update(stable(settings)).digest("base64url");
    const key = `${kind.plugin}/${kind.kind}/${own}`;
    // From here on nothing waits: of several calls at once the first makes the client and the others find it.
    return this.#know(
      name,
      connection.version,
      this.#clientOf(name, connection.version, key, type, settings),
    );
  }

  #clientOf(name: string, version: number, key: string, type: AnyConnectionType, settings: unknown): Client {
    const there = this.#clients.get(key);
    const known = this.#names.get(name);
    // A key of the plugin's own may be the same for other settings; a changed connection is opened anew all the same.
    const outdated = there !== undefined && known?.client === there && known.version !== version;
    if (there && !outdated && there.type === type) return there;
    if (there) this.#retire(there);
    const { log, clock, signal, egress } = this.#deps;
    const deps: ConnectionDeps = { log, clock, signal, egress };
    const opened = Promise.resolve().then(() => (type.open ? type.open(settings, deps) : settings));
    // Heard by whoever asked for it; without this a rejection that comes after they left would end the program.
    opened.catch(() => undefined);
    const made: Client = { key, type, opened, leases: 0, retired: false, closed: false };
    this.#clients.set(key, made);
    return made;
  }

  #know(name: string, version: number, client: Client): Client {
    const before = this.#names.get(name);
    if (before && before.client !== client) this.#forget(name, before);
    if (!this.#names.has(name) && this.#names.size >= maxNames) {
      const [oldest, of] = this.#names.entries().next().value!;
      this.#forget(oldest, of);
    }
    this.#names.set(name, { version, client, checkedAt: this.#deps.clock.now() });
    return client;
  }

  #forget(name: string, { client }: Known): void {
    this.#names.delete(name);
    if (![...this.#names.values()].some((other) => other.client === client)) this.#retire(client);
  }

  #retire(client: Client): void {
    client.retired = true;
    if (this.#clients.get(client.key) === client) this.#clients.delete(client.key);
    this.#closeUnused(client);
  }

  #closeUnused(client: Client): void {
    if (!client.retired || client.closed || client.leases > 0) return;
    client.closed = true;
    const closing = client.opened
      .then((opened) => client.type.close?.(opened))
      .catch((error: unknown) => {
        this.#deps.log.debug({ error, kind: client.type.title }, "A client did not close cleanly.");
      })
      .then(() => {
        this.#closing.delete(closing);
      });
    this.#closing.add(closing);
  }
}

interface LeaseEvents {
  failed(client: Client): void;
  returned(client: Client): void;
  ended(): void;
}

class Lease implements ConnectionLease {
  readonly by: string;
  readonly names = new Set<string>();
  readonly #find: (type: AnyConnectionType, name: string) => Promise<Client>;
  readonly #events: LeaseEvents;
  readonly #held = new Set<Client>();
  #over = false;

  constructor(
    by: string,
    find: (type: AnyConnectionType, name: string) => Promise<Client>,
    events: LeaseEvents,
  ) {
    this.by = by;
    this.#find = find;
    this.#events = events;
  }

  async connection<Settings, Opened>(type: ConnectionType<Settings, Opened>, name: string): Promise<Opened> {
    const client = await this.#find(type, name);
    if (this.#over) throw failed(name, "the call that asked for it has ended");
    // Retired and closed between being found and being held: another one is there by now.
    if (client.closed) return this.connection(type, name);
    this.names.add(name);
    if (!this.#held.has(client)) {
      this.#held.add(client);
      client.leases++;
    }
    try {
      return (await client.opened) as Opened;
    } catch (error) {
      this.#events.failed(client);
      if (isVedetteError(error)) throw error;
      throw failed(name, messageOf(error), error);
    }
  }

  release(): void {
    this.#over = true;
    this.#events.ended();
    for (const client of this.#held) {
      client.leases--;
      this.#events.returned(client);
    }
    this.#held.clear();
  }
}

/** Settings as their kind reads them. Throws `connection.failed`, which names the settings that do not fit and no values. */
export function settingsOf(type: AnyConnectionType, name: string, whole: unknown): unknown {
  const parsed = type.settings.safeParse(whole);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
  throw failed(name, `its settings do not fit the plugin any more (${where.join("; ").slice(0, 500)})`);
}

const unknown = (message: string): VedetteError =>
  new VedetteError("connection.unknown", message, { verdict: "drop" });

const failed = (name: string, why: string, cause?: unknown): VedetteError =>
  new VedetteError(
    "connection.failed",
    `The connection "${name}" cannot be used: ${why.replace(/\.$/, "")}.`,
    { verdict: "drop" },
    { cause },
  );

/** JSON with sorted keys: equal for equal settings. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  ) ?? "undefined";
