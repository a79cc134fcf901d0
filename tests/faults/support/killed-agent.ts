import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, vedette } from "@vedette/testkit";
import { stringify } from "yaml";
import { startTestCollector, type TestCollector } from "../../../agent/src/testing/collector.ts";

/** What was delivered of one event. */
export interface Delivered {
  readonly id: string;
  readonly raw: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A real agent process that ships to a collector of the test, and may be killed and started again. */
export class KilledAgent {
  readonly dir = mkdtempSync(join(tmpdir(), "vedette-inputs-"));
  readonly #collector: TestCollector;
  readonly #config: string;
  #running: Running | undefined;
  #stderr = "";
  kills = 0;

  private constructor(collector: TestCollector, inputs: readonly object[], agentId: string) {
    this.#collector = collector;
    this.#config = join(this.dir, "vedette.yaml");
    const agent = {
      ...{ agentId, stateDir: "agent", inputs, batch: { rows: 50, seconds: 0.1 } },
      collector: { address: collector.address },
    };
    writeFileSync(this.#config, stringify({ agent }));
  }

  static async start(inputs: readonly object[], agentId = "agent-1"): Promise<KilledAgent> {
    const agent = new KilledAgent(await startTestCollector(({ ack }) => ack()), inputs, agentId);
    agent.up();
    return agent;
  }

  up(): void {
    const running = vedette(["agent", "--config", this.#config], { cwd: this.dir });
    this.#running = running;
    void running.exited.then(() => {
      this.#stderr += running.stderr().slice(-4_000);
    });
  }

  /** SIGKILL, and a new life. */
  async kill(): Promise<void> {
    this.#running?.kill("SIGKILL");
    await this.#running?.exited;
    this.kills++;
    this.up();
  }

  /** Each batch once, however often it was sent, in the order of their first arrival. */
  delivered(): Delivered[] {
    const seen = new Set<string>();
    return this.#collector.deliveries.flatMap(({ batch }) => {
      if (seen.has(batch.header.batchId)) return [];
      seen.add(batch.header.batchId);
      return Array.from({ length: batch.rows }, (_, row) => {
        const { id = "", raw = "", log } = batch.event(row);
        return { id, raw, input: (log?.["input"] ?? {}) as Readonly<Record<string, unknown>> };
      });
    });
  }

  log(): string {
    return this.#stderr + (this.#running?.stderr() ?? "");
  }

  async stop(): Promise<void> {
    this.#running?.kill("SIGTERM");
    await this.#running?.exited;
    await this.#collector.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
