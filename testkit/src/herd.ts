import { join } from "node:path";
import { freePort } from "@vedette/sdk/testing";
import { Member } from "./member.ts";
import { until } from "./until.ts";

export interface HerdOptions {
  readonly agents: number;
  readonly collectors: number;
  /** How both sides reach Kafka: brokers, topic, client, as in vedette.yaml. */
  readonly kafka: object;
  /** What the collectors' side of Kafka has besides. */
  readonly consumer?: object;
  /** The ClickHouse server that all collectors use. Without it one collector has its own engine. */
  readonly store?: object;
  /** Further settings of all agents. */
  readonly agent?: object;
  /** Further settings of all collectors. */
  readonly collector?: object;
}

/** Several agents and collectors as separate processes with Kafka between them. */
export class Herd {
  readonly agents: readonly Member[];
  readonly collectors: readonly Member[];
  readonly #ports: readonly number[];

  private constructor(agents: readonly Member[], collectors: readonly Member[], ports: readonly number[]) {
    this.agents = agents;
    this.collectors = collectors;
    this.#ports = ports;
  }

  /** Writes the configurations. Each agent follows `logs/app.log` in its folder as `numbered`. */
  static async create(dir: string, options: HerdOptions): Promise<Herd> {
    const { kafka, consumer, store, agent, collector } = options;
    const names = (what: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${what}-${index + 1}`);
    const agents = names("agent", options.agents).map((name) => {
      const own = join(dir, name);
      const include = [join(own, "logs", "app.log")];
      const inputs = [{ type: "file", dataType: "numbered", include }];
      return new Member("agent", name, own, { agentId: name, stateDir: "state", inputs, kafka, ...agent });
    });
    const ports: number[] = [];
    const collectors: Member[] = [];
    for (const name of names("collector", options.collectors)) {
      const http = await freePort();
      ports.push(http);
      const ingest = { listen: "127.0.0.1:0", kafka: { ...kafka, ...consumer, member: name } };
      const config = {
        stateDir: "state",
        http: { listen: `127.0.0.1:${http}` },
        ingest,
        ...(store && { store }),
        ...collector,
      };
      collectors.push(new Member("collector", name, join(dir, name), config));
    }
    return new Herd(agents, collectors, ports);
  }

  /** Starts all, the collectors one after the other: the first makes the tables. */
  async start(): Promise<void> {
    for (const [index, collector] of this.collectors.entries()) {
      collector.start();
      await this.ready(index);
    }
    for (const agent of this.agents) agent.start();
  }

  async ready(collector = 0, timeoutMs = 180_000): Promise<void> {
    const url = `http://127.0.0.1:${this.#ports[collector]}/readyz`;
    const answers = async () => (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
    await this.until(`collector ${collector + 1} to be ready`, answers, timeoutMs);
  }

  /** A metric of a collector, summed over its labels; undefined where it does not answer. */
  async metric(collector: number, name: string): Promise<number | undefined> {
    const url = `http://127.0.0.1:${this.#ports[collector]}/metrics`;
    const text = await fetch(url, { signal: AbortSignal.timeout(5_000) })
      .then((response) => response.text())
      .catch(() => undefined);
    if (text === undefined) return undefined;
    const values = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"));
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /** An answer of a collector's API. */
  async get<T>(path: string, collector = 0): Promise<T> {
    const url = `http://127.0.0.1:${this.#ports[collector]}${path}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Waits for a condition; what everyone said last is part of the failure. */
  async until<T>(
    what: string,
    check: () => Promise<T | false | undefined> | T | false | undefined,
    timeoutMs = 180_000,
  ): Promise<T> {
    return until(what, check, { timeoutMs, everyMs: 200 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log()}`, { cause: error });
    });
  }

  /** Asks all to end, agents first, and waits. */
  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.end("SIGTERM")));
    await Promise.all(this.collectors.map((collector) => collector.end("SIGTERM")));
  }

  /** Kills whatever still runs, so that a failed test leaves nothing behind. */
  async destroy(): Promise<void> {
    await Promise.all([...this.agents, ...this.collectors].map((member) => member.end()));
  }

  log(): string {
    return [...this.agents, ...this.collectors].map((member) => member.log()).join("\n");
  }
}
