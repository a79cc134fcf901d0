import { randomBytes } from "node:crypto";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { Telemetry } from "@vedette/core/telemetry";
import { Outcome } from "@vedette/proto";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { backoffMs } from "../backoff.ts";
import { type AgentMetrics, agentMetrics } from "../metrics.ts";
import type { PendingBatch, Place } from "../spool/index.ts";
import { sealLines, seeded } from "../testing/batches.ts";
import { type Delivery, startTestCollector, type TestCollector } from "../testing/collector.ts";
import { until } from "../testing/until.ts";
import { type GrpcOptions, GrpcTransport } from "./grpc.ts";
import type { Outbox } from "./transport.ts";

/** Batches 0 to n, all there from the start; what is acknowledged leaves. */
class Boxed implements Outbox {
  readonly batches: PendingBatch[];
  readonly acknowledged: number[] = [];
  constructor(count: number) {
    this.batches = Array.from({ length: count }, (_, sequence) =>
      sealLines("s", [sequence], { epoch: 1, sequence }),
    );
  }
  async next(after: Place | undefined, signal: AbortSignal): Promise<PendingBatch | undefined> {
    const found = this.batches.find(
      ({ header }) =>
        header.sequence > (after?.sequence ?? -1) && !this.acknowledged.includes(header.sequence),
    );
    if (found) return found;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    return undefined;
  }
  acknowledge({ sequence }: Place): boolean {
    if (this.acknowledged.includes(sequence)) return false;
    this.acknowledged.push(sequence);
    return true;
  }
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function collect(...options: Parameters<typeof startTestCollector>): Promise<TestCollector> {
  const collector = await startTestCollector(...options);
  cleanups.push(() => collector.stop());
  return collector;
}

interface Shipping {
  readonly metrics: AgentMetrics;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly transport: GrpcTransport;
}

function ship(address: string, outbox: Outbox, options: Partial<GrpcOptions> = {}): Shipping {
  const metrics = agentMetrics(new Telemetry());
  const log = recordingLogger();
  const transport = new GrpcTransport(
    {
      address,
      window: 8,
      ackTimeoutMs: 60_000,
      welcomeTimeoutMs: 5_000,
      dangerouslyAllowPlaintext: false,
      agentId: "agent",
      host: "host",
      version: "0.0.0",
      ...options,
    },
    { log, clock: systemClock },
    metrics,
  );
  const stop = new AbortController();
  const running = transport.run(outbox, stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await running;
  });
  return { metrics, log, transport };
}

const everything = (outbox: Boxed) =>
  until("all batches are acknowledged", () => outbox.acknowledged.length === outbox.batches.length);
const sequencesOf = (collector: TestCollector): number[] =>
  collector.deliveries.map(({ batch }) => batch.header.sequence);

describe("grpc transport", () => {
  it("ships in order, unchanged, within the smaller of both windows", async () => {
    const held: Delivery[] = [];
    const ackAll = (): void => {
      for (const each of held.splice(0)) each.ack();
    };
    const collector = await collect(
      (delivery) => {
        held.push(delivery);
        if (held.length === 3) setTimeout(ackAll, 20);
      },
      { window: 3 },
    );
    const outbox = new Boxed(12);
    ship(collector.address, outbox);
    await everything(outbox);
    expect(sequencesOf(collector)).toEqual(outbox.batches.map(({ header }) => header.sequence));
    expect(collector.deliveries.map(({ frame }) => frame)).toEqual(outbox.batches.map(({ frame }) => frame));
    expect(collector.mostInFlight).toBe(3);
  });

  it("has no more than a few MiB on the way, however many batches the window allows", async () => {
    const noise = randomBytes(600_000).toString("latin1");
    const large = Array.from({ length: 30 }, (_, sequence): PendingBatch => {
      const builder = new BatchBuilder("generic", { rows: 10, bytes: 2 ** 20 });
      const event = {
        id: `${sequence}`,
        "@timestamp": "2026-01-01T00:00:00.000Z",
        dataType: "generic",
        raw: noise,
      };
      builder.append(event, { source: "s", offset: sequence, end: sequence + 1 });
      return builder.seal({ batchId: uuidv7(sequence), agentId: "agent", epoch: 1, sequence });
    });
    const held: Delivery[] = [];
    let [most, come, due] = [0, 0, 0];
    const collector = await collect(
      (delivery) => {
        held.push(delivery);
        come++;
        most = Math.max(
          most,
          held.reduce((sum, { frame }) => sum + frame.length, 0),
        );
        if (most <= 2 ** 20) return;
        // The agent has sent all it will: a silence longer than any of its waits.
        for (; due < come; due++) setTimeout(() => held.shift()?.ack(), 100);
      },
      { window: 64 },
    );
    const outbox = new Boxed(0);
    outbox.batches.push(...large);
    ship(collector.address, outbox, { window: 64 });
    await everything(outbox);
    expect(most).toBeGreaterThan(2 ** 20);
    expect(most).toBeLessThan(6 * 2 ** 20);
  });

  it("takes acknowledgements in any order, twice, and for unknown batches", async () => {
    const held: Delivery[] = [];
    const collector = await collect((delivery) => {
      held.push(delivery);
      if (held.length < 4) return;
      for (const each of held.splice(0).reverse()) {
        each.ack();
        each.ack(Outcome.DUPLICATE);
      }
    });
    const outbox = new Boxed(20);
    const { metrics } = ship(collector.address, outbox, { window: 4 });
    await everything(outbox);
    expect(outbox.acknowledged.slice(0, 4)).toEqual([3, 2, 1, 0]);
    expect(sequencesOf(collector)).toHaveLength(20);
    await until("the repeats are counted", () => metrics.acknowledged.total({ outcome: "unknown" }) === 20);
  });

  it("sends everything unacknowledged again after each broken connection, and counts it", async () => {
    const random = seeded(7);
    const collector = await collect((delivery) => {
      if (random() < 0.2) delivery.cut();
      else if (random() < 0.7) delivery.ack();
    });
    const outbox = new Boxed(30);
    const { metrics } = ship(collector.address, outbox, { ackTimeoutMs: 300 });
    await until("all are acknowledged", () => outbox.acknowledged.length === 30);
    expect(collector.connections).toBeGreaterThan(1);
    expect(new Set(sequencesOf(collector)).size).toBe(30);
    // What was on its way when the connection broke counts as sent, though it did not arrive.
    expect(metrics.resent.total()).toBeGreaterThanOrEqual(collector.deliveries.length - 30);
  });

  it("waits for a collector that is not there yet, and for one that comes back", async () => {
    const first = await startTestCollector((delivery) => delivery.ack());
    const port = Number(first.address.split(":")[1]);
    await first.stop();
    const outbox = new Boxed(4);
    const { transport, log } = ship(first.address, outbox);
    await until("the failure is said", () => log.lines.some(({ level }) => level === "warn"));
    expect(transport.connected).toBe(false);
    await collect((delivery) => delivery.ack(), { port });
    await everything(outbox);
    expect(transport.connected).toBe(true);
  });

  it("connects anew when acknowledgements stop", async () => {
    const collector = await collect((delivery) => {
      if (collector.connections > 1) delivery.ack();
    });
    const outbox = new Boxed(3);
    const { log } = ship(collector.address, outbox, { ackTimeoutMs: 100 });
    await everything(outbox);
    // How many are on their way when the time is over depends on the machine; so does whether the second connection is in time.
    expect(collector.connections).toBeGreaterThanOrEqual(2);
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        fields: expect.objectContaining({
          reason: expect.stringMatching(/^[1-3] batches were not acknowledged in time\.$/),
        }),
      }),
    );
  });

  it("connects anew when nobody answers Hello", async () => {
    const collector = await collect(() => undefined, { welcome: false });
    ship(collector.address, new Boxed(1), { welcomeTimeoutMs: 60 });
    await until("two attempts", () => collector.connections >= 2);
    expect(collector.deliveries).toEqual([]);
  });

  it("does not leave one unacknowledged batch far behind", async () => {
    const collector = await collect((delivery) => {
      if (delivery.batch.header.sequence > 0) delivery.ack();
    });
    const outbox = new Boxed(600);
    ship(collector.address, outbox);
    await until("it stops ahead of the first", () => outbox.acknowledged.length === 512);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(outbox.acknowledged).toHaveLength(512);
    collector.deliveries[0]!.ack();
    await everything(outbox);
  });

  it("counts a dead letter as delivered, and warns", async () => {
    const collector = await collect((delivery) => delivery.ack(Outcome.DEAD_LETTERED, "row 3 has no id"));
    const outbox = new Boxed(1);
    const { log, metrics } = ship(collector.address, outbox);
    await everything(outbox);
    expect(metrics.acknowledged.total({ outcome: "dead_lettered" })).toBe(1);
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({ reason: "row 3 has no id" }),
      }),
    );
  });

  it("refuses to ship without TLS to an address that is not loopback", () => {
    expect(() => ship("collector.example.net:8601", new Boxed(0))).toThrow("over TLS only");
    expect(() => ship("10.0.0.1:8601", new Boxed(0))).toThrow("over TLS only");
  });
});

describe("backoff", () => {
  it("doubles up to 30 s, half of it by chance", () => {
    expect([0, 1, 2, 20].map((failures) => backoffMs(failures, () => 1))).toEqual([250, 500, 1_000, 30_000]);
    expect(backoffMs(20, () => 0)).toBe(15_000);
  });
});
