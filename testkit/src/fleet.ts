import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@vedette/sdk/testing";
import { stringify } from "yaml";
import { until } from "./until.ts";
import { childrenOf, type Running, vedette } from "./vedette.ts";

type Part = "agent" | "collector";

/**
 * One agent and one collector as separate processes on real sockets and files, which a test may kill and start again.
 */
export class Fleet {
  readonly dir: string;
  readonly httpPort: number;
  /** Where agents connect, `host:port`. */
  readonly ingestAddress: string;
  readonly #config: string;
  readonly #running = new Map<Part, Running>();
  readonly #stderr: string[] = [];

  private constructor(dir: string, httpPort: number, ingestAddress: string, config: string) {
    this.dir = dir;
    this.httpPort = httpPort;
    this.ingestAddress = ingestAddress;
    this.#config = config;
  }

  /** Writes the configuration; `inputs` and further agent and collector settings as in vedette.yaml. */
  static async create(
    dir: string,
    settings: { readonly inputs: readonly object[]; readonly agent?: object; readonly collector?: object },
  ): Promise<Fleet> {
    const [http, ingest] = [await freePort(), await freePort()];
    mkdirSync(join(dir, "logs"), { recursive: true });
    const config = join(dir, "vedette.yaml");
    const address = `127.0.0.1:${ingest}`;
    writeFileSync(
      config,
      stringify({
        agent: {
          agentId: "agent-1",
          stateDir: "agent",
          inputs: settings.inputs,
          collector: { address },
          ...settings.agent,
        },
        collector: {
          stateDir: "collector",
          ingest: { listen: address },
          http: { listen: `127.0.0.1:${http}` },
          ...settings.collector,
        },
      }),
    );
    return new Fleet(dir, http, address, config);
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** `how` starts it otherwise than from the sources. */
  start(part: Part, how: typeof vedette = vedette): void {
    const running = how([part, "--config", this.#config], { cwd: this.dir });
    this.#running.set(part, running);
    void running.exited.then(() =>
      this.#stderr.push(`--- ${part} ${running.pid}\n${running.stderr().slice(-4_000)}`),
    );
  }

  process(part: Part): Running | undefined {
    return this.#running.get(part);
  }

  /** The collector's embedded engine, if it runs now. */
  enginePid(): number | undefined {
    const collector = this.#running.get("collector");
    return collector ? childrenOf(collector.pid)[0] : undefined;
  }

  /** Kills without warning and waits until the process is gone. */
  async kill(part: Part): Promise<void> {
    const running = this.#running.get(part);
    running?.kill("SIGKILL");
    await running?.exited;
    this.#running.delete(part);
  }

  async ready(timeoutMs = 180_000): Promise<void> {
    await until(
      "the collector to be ready",
      async () => (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok,
      { timeoutMs },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log()}`, { cause: error });
    });
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Asks all processes to end and waits. */
  async stop(): Promise<void> {
    for (const part of ["agent", "collector"] as const) {
      const running = this.#running.get(part);
      running?.kill("SIGTERM");
      await running?.exited;
      this.#running.delete(part);
    }
  }

  /** Kills whatever still runs, so that a failed test leaves nothing behind. */
  destroy(): void {
    for (const running of this.#running.values()) running.kill("SIGKILL");
    this.#running.clear();
  }

  /** What the processes said last, for a failing test. */
  log(): string {
    const live = [...this.#running].map(
      ([part, running]) => `--- ${part} ${running.pid} (running)\n${running.stderr().slice(-4_000)}`,
    );
    return [...this.#stderr.slice(-6), ...live].join("\n");
  }
}
