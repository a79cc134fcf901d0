import type { Redactor } from "@vedette/core/telemetry";
import { type ConnectionDeps, VedetteError } from "@vedette/sdk";
import { type ControlDatabase, type SecretBox, writeAudit } from "../control/index.ts";
import { ConnectionClients, type ConnectionLease } from "./clients.ts";
import { type ConnectionKind, ConnectionKinds, type DescribedKind, describeKind } from "./kinds.ts";
import { mergedWith, NotKept, type Parts, partsOf, wholeOf } from "./parts.ts";
import { type Connection, type ConnectionStore, connectionStore, type TestOutcome } from "./store.ts";
import { testSettings } from "./tester.ts";

/** Settings that do not fit; names the place, as a path inside them. */
export class SettingsRefused extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.name = "SettingsRefused";
    this.path = path;
  }
}

/** Something that names a connection, such as a setting of a plugin or a step of a workflow. */
export interface ConnectionUse {
  readonly connection: string;
  /** For people: `the plugin jira`. */
  readonly by: string;
}

interface Options extends ConnectionDeps {
  readonly database: ControlDatabase;
  readonly box: SecretBox;
  readonly redactor: Redactor;
  /** The plugins there are now. */
  readonly plugins: ConstructorParameters<typeof ConnectionKinds>[0];
}

interface Sent {
  readonly plugin: string;
  readonly kind: string;
  readonly settings: unknown;
}

/** What the audit trail says of a connection: no setting, so no secret. */
type Audited = Pick<Connection, "name"> & Partial<Pick<Connection, "plugin" | "kind" | "version">>;

/**
 * Named connections: kept, tested, opened for plugins. Secrets are write-only: nothing but `lease` gives them out again.
 */
export class Connections {
  readonly #kinds: ConnectionKinds;
  readonly #store: ConnectionStore;
  readonly #clients: ConnectionClients;
  readonly #deps: ConnectionDeps;
  readonly #redactor: Redactor;
  readonly #database: ControlDatabase;
  readonly #uses: (() => Promise<readonly ConnectionUse[]>)[] = [];

  constructor({ database, box, redactor, plugins, ...deps }: Options) {
    this.#kinds = new ConnectionKinds(plugins);
    this.#store = connectionStore(database, box, deps.clock);
    this.#deps = deps;
    this.#redactor = redactor;
    this.#database = database;
    this.#clients = new ConnectionClients({ ...deps, redactor, store: this.#store, kinds: this.#kinds });
  }

  /** The kinds of connections that plugins have. */
  kinds(): DescribedKind[] {
    return this.#kinds.all().map(describeKind);
  }

  list(): Promise<Connection[]> {
    return this.#store.list();
  }

  /** Throws `connection.unknown`. */
  get(name: string): Promise<Connection> {
    return this.#store.get(name);
  }

  /** Writes into the audit trail what somebody did to a connection. */
  audit(author: string, did: "create" | "change" | "remove", { name, ...detail }: Audited): Promise<void> {
    const entry = { author, action: `connection.${did}`, subject: name, detail };
    return writeAudit(this.#database, entry, this.#deps.clock.now());
  }

  /** For one call of a hook of a plugin; release it when the call is over. `by` is what people read. */
  lease(by: string): ConnectionLease {
    return this.#clients.lease(by);
  }

  /** Asks this too before a connection is removed. */
  addUses(uses: () => Promise<readonly ConnectionUse[]>): void {
    this.#uses.push(uses);
  }

  /** Who uses a connection: settings that name it, and calls that have it in hand. */
  async usedBy(name: string): Promise<string[]> {
    const named = (await Promise.all(this.#uses.map((ask) => ask()))).flat();
    const by = named.flatMap((use) => (use.connection === name ? [use.by] : []));
    return [...new Set([...by, ...this.#clients.heldBy(name)])];
  }

  /** Throws `connection.conflict`, `connection.unknown` for the kind, `SettingsRefused`, and a RangeError over the bounds. */
  async create(name: string, sent: Sent): Promise<Connection> {
    const kind = this.#kinds.require(sent.plugin, sent.kind);
    return this.#store.create(name, sent, this.#checked(kind, sent.settings, undefined).parts);
  }

  /** Replaces the settings of a version; secrets that are left out are kept. Throws as `create` does. */
  async update(name: string, version: number, settings: unknown): Promise<Connection> {
    const { connection, before } = await this.#before(name);
    const kind = this.#kinds.require(connection.plugin, connection.kind);
    const changed = await this.#store.update(name, version, this.#checked(kind, settings, before).parts);
    this.#clients.changed(name);
    return changed;
  }

  /** Throws `connection.unknown`, and `connection.conflict` with who uses it. */
  async remove(name: string): Promise<void> {
    await this.#store.get(name);
    const users = await this.usedBy(name);
    if (users.length > 0)
      throw new VedetteError(
        "connection.conflict",
        `The connection "${name}" is in use: ${users.slice(0, 10).join(", ")}.`,
        { verdict: "drop" },
      );
    await this.#store.remove(name);
    this.#clients.changed(name);
  }

  /** Tests what is stored and keeps the outcome. Throws `connection.unknown`; everything else is the outcome. */
  async test(name: string): Promise<TestOutcome> {
    const stored = await this.#store.get(name);
    const outcome = await this.#outcome(async () => {
      const { connection, parts } = await this.#store.reveal(name);
      const kind = this.#kinds.require(connection.plugin, connection.kind);
      return this.#run(kind, wholeOf(parts));
    });
    await this.#store.tested(name, stored.version, outcome);
    return outcome;
  }

  /** Tests settings that are not stored. With `name`, secrets that are left out are those of that connection. */
  async testUnsaved(sent: Sent & { readonly name?: string | undefined }): Promise<TestOutcome> {
    const kind = this.#kinds.require(sent.plugin, sent.kind);
    let before: Parts | undefined;
    if (sent.name !== undefined) {
      const stored = await this.#store.reveal(sent.name);
      const { plugin, kind: word } = stored.connection;
      if (plugin !== kind.plugin || word !== kind.kind)
        throw new SettingsRefused("", `The connection "${sent.name}" is of the kind ${plugin}/${word}.`);
      before = stored.parts;
    }
    const { whole } = this.#checked(kind, sent.settings, before);
    return this.#outcome(() => this.#run(kind, whole));
  }

  async stop(): Promise<void> {
    await this.#clients.stop();
  }

  /** What is stored, with the secrets that can be kept. One that cannot be opened is no obstacle to setting it anew. */
  async #before(name: string): Promise<{ connection: Connection; before: Parts | undefined }> {
    try {
      const { connection, parts } = await this.#store.reveal(name);
      return { connection, before: parts };
    } catch (error) {
      const connection = await this.#store.get(name);
      this.#deps.log.warn(
        { error, connection: name },
        "A connection's secrets cannot be opened; they must be sent again.",
      );
      return { connection, before: undefined };
    }
  }

  #checked(kind: ConnectionKind, sent: unknown, before: Parts | undefined): { whole: unknown; parts: Parts } {
    let whole: unknown;
    try {
      whole = mergedWith(sent, before, kind.secrets);
    } catch (error) {
      if (error instanceof NotKept) throw new SettingsRefused(error.path, error.message);
      throw error;
    }
    const parts = partsOf(whole, kind.secrets);
    this.#redactor.knowAt(whole, kind.secrets);
    const issue = kind.type.settings.safeParse(whole).error?.issues[0];
    if (issue === undefined) return { whole, parts };
    const path = issue.path.map(String).join(".");
    const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    if (unknown !== undefined)
      throw new SettingsRefused(path === "" ? unknown : `${path}.${unknown}`, "There is no such setting.");
    throw new SettingsRefused(path, this.#redactor.text(issue.message));
  }

  #run({ type, ...kind }: ConnectionKind, whole: unknown): Promise<TestOutcome> {
    this.#redactor.knowAt(whole, kind.secrets);
    const parsed = type.settings.safeParse(whole);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const message = `The settings do not fit the plugin any more: ${issue?.path.map(String).join(".")}: ${issue?.message}`;
      return Promise.resolve({ status: "error", message: this.#redactor.text(message) });
    }
    return testSettings({ ...kind, type }, parsed.data, this.#deps, this.#redactor.text);
  }

  async #outcome(work: () => Promise<TestOutcome>): Promise<TestOutcome> {
    try {
      return await work();
    } catch (error) {
      return { status: "error", message: (error as Error).message };
    }
  }
}
