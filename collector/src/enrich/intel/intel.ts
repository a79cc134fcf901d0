import { join } from "node:path";
import { type Clock, type Egress, type Health, type Logger, messageOf } from "@vedette/sdk";
import { pause } from "../../bounded/index.ts";
import type { IntelConfig, IntelListConfig } from "../../config/index.ts";
import { emptyList, type List } from "./list.ts";
import { readList } from "./read.ts";
import { copyOf, fileVersion, refreshCopy, type SourcePlace, type Version } from "./source.ts";
import { type Value, wantedOf } from "./value.ts";

export interface IntelDeps {
  readonly stateDir: string;
  /** Relative paths of files start here. */
  readonly baseDir: string;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What is known of a list. */
export interface IntelStatus {
  readonly name: string;
  readonly entries: number;
  /** Memory of its entries. */
  readonly bytes: number;
  readonly unread: number;
  readonly beyond: number;
  /** When it was last known to be what its source says, in milliseconds since 1970; 0 where never. */
  readonly checkedAt: number;
  /** Why the last look at the source failed; undefined where it did not. */
  readonly problem: string | undefined;
}

interface Held {
  readonly config: IntelListConfig;
  /** Replaced whole when there is a new version, so that a look-up sees one or the other. */
  list: List;
  mark: string;
  status: IntelStatus;
}

/**
 * The lists of a configuration: read at the start, looked at again as often as each says, and replaced while events go on.
 * A list that cannot be read keeps what it held.
 */
export class Intel {
  readonly fields: readonly string[];
  readonly #deps: IntelDeps;
  readonly #place: SourcePlace;
  readonly #held: readonly Held[];
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(config: IntelConfig, deps: IntelDeps) {
    this.fields = config.fields;
    this.#deps = deps;
    this.#place = { baseDir: deps.baseDir, cacheDir: join(deps.stateDir, "intel") };
    this.#held = config.lists.map((each) => ({
      config: each,
      list: emptyList(),
      mark: "",
      status: {
        name: each.name,
        ...{ entries: 0, bytes: 0, unread: 0, beyond: 0, checkedAt: 0, problem: undefined },
      },
    }));
  }

  get names(): readonly string[] {
    return this.#held.map(({ config }) => config.name);
  }

  /** A test for a list as it is at the time of the call; undefined where there is no list of the name. */
  test(name: string): ((text: string) => boolean) | undefined {
    const held = this.#held.find(({ config }) => config.name === name);
    if (!held) return undefined;
    return (text) => {
      const value = wantedOf(text);
      return value !== undefined && this.#has(held, value, this.#now());
    };
  }

  /** Names of the lists that hold an address, domain, hash or the host of a URL. */
  find(text: string): readonly string[] {
    const value = wantedOf(text);
    if (value === undefined) return [];
    const now = this.#now();
    return this.#held.filter((held) => this.#has(held, value, now)).map(({ config }) => config.name);
  }

  /** Reads files and the copies of URLs. Without the network: what was never fetched is empty afterwards. */
  async load(): Promise<void> {
    for (const held of this.#held) {
      await this.#attempt(held, () =>
        held.config.url === undefined ? this.#file(held) : copyOf(held.config, this.#place),
      );
    }
  }

  /** Looks at the sources again and again until `stop`; a URL for the first time at once. */
  start(): void {
    this.#running = Promise.all(this.#held.map((held) => this.#follow(held)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  status(): readonly IntelStatus[] {
    return this.#held.map(({ status }) => status);
  }

  health(): Health {
    const bad = this.#held.filter(({ status }) => status.problem !== undefined);
    const [first] = bad;
    if (!first) return { status: "healthy", message: `${this.#held.length} lists.` };
    return { status: "warning", message: `${bad.length} lists have a problem: ${first.status.problem}` };
  }

  #now(): number {
    return Math.trunc(this.#deps.clock.now() / 1_000);
  }

  #has(held: Held, value: Value, now: number): boolean {
    const { url, staleHours } = held.config;
    if (url !== undefined && now * 1_000 - held.status.checkedAt > staleHours * 3_600_000) return false;
    return held.list.has(value, now);
  }

  #file({ config }: Held): Promise<Version> {
    return fileVersion(config, this.#place, this.#deps.clock.now());
  }

  async #follow(held: Held): Promise<void> {
    const signal = AbortSignal.any([this.#deps.signal, this.#stopping.signal]);
    const { config } = held;
    while (!signal.aborted) {
      if (config.url !== undefined) {
        const { egress, clock } = this.#deps;
        await this.#attempt(held, () =>
          refreshCopy(config, this.#place, { egress, signal, now: clock.now() }),
        );
      }
      await pause(config.refreshMinutes * 60_000, signal);
      if (config.url === undefined && !signal.aborted) await this.#attempt(held, () => this.#file(held));
    }
  }

  async #attempt(held: Held, version: () => Promise<Version | undefined>): Promise<void> {
    const { name } = held.config;
    const { log } = this.#deps;
    try {
      const found = await version();
      if (found) await this.#take(held, found);
      held.status = { ...held.status, problem: undefined };
    } catch (error) {
      if (this.#stopping.signal.aborted || this.#deps.signal.aborted) return;
      held.status = { ...held.status, problem: messageOf(error) };
      log.warn({ error, list: name }, "A threat list could not be read; it stays as it was.");
    }
  }

  async #take(held: Held, { mark, checkedAt, pieces }: Version): Promise<void> {
    if (mark === held.mark) {
      held.status = { ...held.status, checkedAt };
      return;
    }
    const { list, entries, unread, example, beyond } = await readList(pieces(), held.config);
    held.list = list;
    held.mark = mark;
    const { name } = held.config;
    held.status = { name, entries, bytes: list.bytes, unread, beyond, checkedAt, problem: undefined };
    const { log } = this.#deps;
    log.info({ list: name, entries, unread, beyond, bytes: list.bytes }, "A threat list was read.");
    if (unread > 0)
      log.warn({ list: name, unread, example }, "Lines of a threat list are no address, domain or hash.");
    if (beyond > 0)
      log.warn({ list: name, beyond }, "A threat list has more entries than it may; the rest is left out.");
  }
}
