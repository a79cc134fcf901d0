import { describe, expect, it } from "vitest";
import { figures } from "./figures.ts";
import { planFor, type Question } from "./model.ts";

const usual: Question = {
  ...{ agents: 1_000, eventsPerAgent: 100, content: "nginx", batchSeconds: 10, batchRows: 10_000 },
  ...{
    transport: "kafka",
    brokerReplicas: 3,
    storeReplicas: 2,
    retentionDays: 30,
    brokerHours: 24,
    load: 0.5,
  },
  ...{ collectorCores: 8, brokerCores: 8, storeCores: 32, storeDisk: 20, network: 10, speed: 1 },
};
const plan = (change: Partial<Question> = {}) => planFor({ ...usual, ...change }, figures);

describe("a plan", () => {
  it("takes CPU of batches and of events together, as measured", () => {
    const { collectors, batches, events } = plan();
    expect(events).toBe(100_000);
    expect(batches).toMatchObject({ rows: 1_000, perSecond: 100 });
    expect(collectors.cores).toBeCloseTo((100 * figures.collectorBatch + 1e5 * figures.collectorEvent) / 1e6);
  });

  it("gives every machine the room that its load asks for", () => {
    for (const load of [0.2, 0.5, 0.9]) {
      const { collectors, store, brokers } = plan({ load });
      expect(collectors.machines * 8 * load).toBeGreaterThanOrEqual(collectors.cores);
      expect(store.machines * 32 * load).toBeGreaterThanOrEqual(store.cores);
      expect(brokers!.machines * 8 * load).toBeGreaterThanOrEqual(brokers!.cores);
    }
  });

  it("never has fewer brokers than copies, nor fewer than two partitions for a collector", () => {
    expect(plan({ agents: 1, eventsPerAgent: 0.01 }).brokers).toMatchObject({
      machines: 3,
      partitions: 3,
      bound: "copies",
    });
    const { brokers, collectors } = plan({ agents: 50_000 });
    expect(brokers!.partitions).toBeGreaterThanOrEqual(2 * collectors.processes);
  });

  it("is bound by the disk when events are kept for long, and holds them all", () => {
    const { store } = plan({ retentionDays: 3_650 });
    expect(store.bound).toBe("disk");
    expect(store.machines * 20e12).toBeGreaterThan(store.diskBytes);
    expect(store.diskBytes).toBe(1e5 * figures.content.nginx.storedEvent * 86_400 * 3_650 * 2);
  });

  it("says which batches would help, and saying no more once they are that large", () => {
    const small = plan({ batchSeconds: 1 });
    const wanted = /agent\.batch\.seconds: (\d+)/.exec(small.advice.join("\n"))?.[1];
    expect(wanted).toBeDefined();
    expect(plan({ batchSeconds: Number(wanted) }).advice.join("\n")).not.toContain("by the batch");
  });

  it("needs half of the cores where each is twice as fast", () => {
    expect(plan({ speed: 2 }).store.cores).toBeCloseTo(plan().store.cores / 2);
  });

  it("has no brokers without Kafka, and warns where counts would be wrong", () => {
    expect(plan({ transport: "grpc" }).brokers).toBeUndefined();
    expect(plan({ transport: "grpc", agents: 20_000 }).advice.join()).toContain("use Kafka");
  });
});
