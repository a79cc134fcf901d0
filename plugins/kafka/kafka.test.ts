import { manifestProblems } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { kafka } from "./index.ts";
import { input } from "./input.ts";
import { Partitions } from "./partitions.ts";

const problems = (settings: unknown): string =>
  input.settings
    .safeParse(settings)
    .error?.issues.map(({ path }) => path.join("."))
    .join() ?? "";

it("keeps the contract of settings", () => {
  expect(manifestProblems(kafka)).toEqual([]);
  expect(problems({ topics: ["logs"] })).toBe("");
  expect(problems({})).toBe("topics");
  expect(problems({ topics: ["a b"] })).toBe("topics.0");
  expect(problems({ topics: ["x"], brokers: ["127.0.0.1:1", "kafka.example.com:9092"] })).toBe("brokers.1");
  const remote = { topics: ["x"], brokers: ["kafka.example.com:9092"] };
  expect(problems({ ...remote, tls: { enabled: true } })).toBe("");
  expect(problems({ ...remote, dangerouslyAllowPlaintext: true })).toBe("");
  expect(problems({ topics: ["x"], tls: { certFile: "a" } })).toBe("tls");
  expect(problems({ topics: ["x"], sasl: { username: "a" } })).toBe("sasl.password");
});

describe("partitions", () => {
  const at = (offset: number, partition = 0) => ({ topic: "t", partition, offset, leaderEpoch: 1 });
  const none = (): undefined => undefined;

  it("commit what is durable, once, and skip what was taken", () => {
    const partitions = new Partitions();
    partitions.assigned([{ topic: "t", partition: 0 }]);
    expect(partitions.take(at(5), none)).toBe("take");
    expect(partitions.take(at(6), none)).toBe("take");
    expect(partitions.due()).toEqual([]);
    partitions.durable("t", 0, 6);
    expect(partitions.due()).toEqual([at(6)]);
    partitions.committed([at(6)]);
    expect(partitions.due()).toEqual([]);
    expect(partitions.take(at(6), none)).toBe("seen");
    expect(partitions.take(at(9), none)).toBe("take");
  });

  it("skip what lies in the spool from an earlier life, and commit it", () => {
    const partitions = new Partitions();
    partitions.assigned([{ topic: "t", partition: 0 }]);
    expect(partitions.take(at(5), () => 8)).toBe("seen");
    expect(partitions.due()).toEqual([at(8)]);
    expect(partitions.take(at(7), none)).toBe("seen");
    expect(partitions.take(at(8), none)).toBe("take");
  });

  it("never set the group back after a partition was away", () => {
    const partitions = new Partitions();
    const mine = [{ topic: "t", partition: 0 }];
    partitions.assigned(mine);
    partitions.take(at(0), none);
    partitions.take(at(1), none);
    partitions.assigned([]);
    partitions.durable("t", 0, 2);
    expect(partitions.due()).toEqual([]);
    expect(partitions.take(at(2), none)).toBe("take");
    partitions.durable("t", 0, 3);
    partitions.assigned(mine);
    expect(partitions.due()).toEqual([]);
    expect(partitions.take(at(7), none)).toBe("take");
    expect(partitions.due()).toEqual([]);
    partitions.durable("t", 0, 8);
    expect(partitions.due()).toEqual([at(8)]);
  });

  it("go on with partitions that were kept", () => {
    const partitions = new Partitions();
    partitions.assigned([{ topic: "t", partition: 0 }]);
    partitions.take(at(0), none);
    partitions.durable("t", 0, 1);
    partitions.assigned([
      { topic: "t", partition: 0 },
      { topic: "t", partition: 1 },
    ]);
    expect(partitions.due()).toEqual([at(1)]);
    expect(partitions.take(at(0), none)).toBe("seen");
  });
});
