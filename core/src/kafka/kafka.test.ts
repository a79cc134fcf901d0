import { describe, expect, it } from "vitest";
import { kafkaError } from "./failure.ts";
import { murmur2, partitionOfKey } from "./murmur2.ts";
import { OrderedProducer } from "./producer.ts";
import { kafkaConnection } from "./settings.ts";
import type { OutgoingRecord } from "./types.ts";

const problems = (settings: unknown): string =>
  kafkaConnection
    .safeParse(settings)
    .error?.issues.map(({ path }) => path.join("."))
    .join() ?? "";

it("asks for TLS beyond this machine", () => {
  expect(problems({ brokers: ["127.0.0.1:9092", "[::1]:9092", "localhost:9092"] })).toBe("");
  expect(problems({ brokers: ["127.0.0.1:9092", "kafka.example.com:9092"] })).toBe("brokers.1");
  expect(problems({ brokers: ["kafka.example.com:9092"], tls: { enabled: true } })).toBe("");
  expect(problems({ brokers: ["kafka.example.com:9092"], dangerouslyAllowPlaintext: true })).toBe("");
  expect(problems({ brokers: ["127.0.0.1:9092"], tls: { keyFile: "x" } })).toBe("tls");
  expect(problems({ brokers: [], client: "other", sasl: { username: "a" } })).toBe(
    "brokers,sasl.password,client",
  );
});

// Values of Kafka's own test of Utils.murmur2.
it.each([
  ["21", -973_932_308],
  ["foobar", -790_332_482],
  ["a-little-bit-long-string", -985_981_536],
  ["a-little-bit-longer-string", -1_486_304_829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
  ["abc", 479_470_107],
])("hashes %s as Kafka does", (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
  expect(partitionOfKey(key, 1)).toBe(0);
  expect(partitionOfKey(key, 1_000)).toBe((hash & 0x7fffffff) % 1_000);
});

describe("a failure", () => {
  const attempt = { brokers: ["k1:9092", "k2:9092"], topic: "events", group: "collectors" };
  const circle: { message: string; cause?: unknown } = { message: "round" };
  circle.cause = circle;
  it.each([
    [{ errors: [{ code: "ENOTFOUND" }] }, "transport.unavailable", "retry", "k1:9092"],
    [{ cause: { code: "ECONNREFUSED" } }, "transport.unavailable", "retry", "k2:9092"],
    [{ originalError: { type: "SASL_AUTHENTICATION_FAILED" } }, "transport.refused", "stop", "sasl.password"],
    [{ code: "PLT_KFK_AUTHENTICATION" }, "transport.refused", "stop", "sasl.username"],
    // A connection that broke during the login is no wrong password.
    [
      { code: "PLT_KFK_AUTHENTICATION", cause: { code: "PLT_KFK_NETWORK" } },
      "transport.unavailable",
      "retry",
      "k1",
    ],
    [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, "transport.refused", "stop", "tls.caFile"],
    [{ message: "Broker requires TLS." }, "transport.refused", "stop", "tls.enabled"],
    [{ message: "TLS handshake failed." }, "transport.unavailable", "retry", "tls.enabled"],
    [{ message: "Unknown topic events." }, "transport.refused", "stop", "events"],
    [{ apiId: "GROUP_AUTHORIZATION_FAILED" }, "transport.refused", "stop", "collectors"],
    [{ type: "MESSAGE_TOO_LARGE" }, "batch.too_large", "stop", "max.message.bytes"],
    [{ apiId: "NOT_ENOUGH_REPLICAS" }, "transport.unavailable", "retry", "min.insync.replicas"],
    [{ apiId: "ILLEGAL_GENERATION" }, "transport.fenced", "retry", "collectors"],
    [{ apiId: "FENCED_INSTANCE_ID" }, "transport.fenced", "stop", "collectors"],
    [circle, "transport.unavailable", "retry", "round"],
  ])("%j says what to do", (error, code, verdict, word) => {
    const known = kafkaError(error, attempt);
    expect(known).toMatchObject({ code, verdict: { verdict } });
    expect(known.message).toContain(word);
    expect(known.cause).toBe(error);
    expect(kafkaError(known, attempt)).toBe(known);
  });
});

describe("the order of a partition", () => {
  const record = (value: string): OutgoingRecord => ({ value: Buffer.from(value), partition: 0 });
  /** A broker whose answers the test gives. */
  const bench = () => {
    const requests: { values: string[]; answer: PromiseWithResolvers<bigint> }[] = [];
    const producer = new OrderedProducer({
      partitions: async () => 2,
      send: (_topic, _partition, records) => {
        const answer = Promise.withResolvers<bigint>();
        requests.push({ values: records.map(({ value }) => value.toString()), answer });
        return answer.promise;
      },
      close: async () => {},
    });
    return { producer, requests };
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it("lets nothing overtake a request that failed", async () => {
    const { producer, requests } = bench();
    const first = producer.send("t", [record("1")]);
    await settle();
    const rest = [producer.send("t", [record("2")]), producer.send("t", [record("3")])];
    await settle();
    expect(requests).toHaveLength(1);
    const failure = kafkaError({ code: "ECONNREFUSED" }, { brokers: ["k"] });
    requests[0]?.answer.reject(failure);
    const settled = await Promise.allSettled([first, ...rest]);
    expect(settled.map((each) => each.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(requests).toHaveLength(1);
  });

  it("fails what was called for before the failure, though it was placed after it", async () => {
    const asked: PromiseWithResolvers<number>[] = [];
    const failure = kafkaError({ code: "ECONNREFUSED" }, { brokers: ["k"] });
    const sent: string[] = [];
    let broken = true;
    const producer = new OrderedProducer({
      partitions: () => {
        const count = Promise.withResolvers<number>();
        asked.push(count);
        return count.promise;
      },
      send: async (_topic, _partition, records) => {
        if (broken) throw failure;
        sent.push(...records.map(({ value }) => value.toString()));
        return 0n;
      },
      close: async () => {},
    });
    const calls = Promise.allSettled([producer.send("t", [record("1")]), producer.send("t", [record("2")])]);
    await settle();
    asked[0]?.resolve(1);
    await settle();
    broken = false;
    asked[1]?.resolve(1);
    expect((await calls).map((each) => each.status)).toEqual(["rejected", "rejected"]);
    const again = producer.send("t", [record("1"), record("2")]);
    await settle();
    asked[2]?.resolve(1);
    await again;
    expect(sent).toEqual(["1", "2"]);
  });

  it("sends what waits together, and answers each call with its own places", async () => {
    const { producer, requests } = bench();
    const first = producer.send("t", [record("1")]);
    await settle();
    const rest = [producer.send("t", [record("2"), record("3")]), producer.send("t", [record("4")])];
    await settle();
    requests[0]?.answer.resolve(7n);
    expect(await first).toEqual([{ topic: "t", partition: 0, offset: 7n }]);
    await settle();
    expect(requests[1]?.values).toEqual(["2", "3", "4"]);
    requests[1]?.answer.resolve(8n);
    const offsets = (await Promise.all(rest)).map((places) => places.map(({ offset }) => offset));
    expect(offsets).toEqual([[8n, 9n], [10n]]);
  });

  it("finds out which call is at fault where one of several is", async () => {
    const { producer, requests } = bench();
    const calls = ["1", "2", "3"].map((value) => producer.send("t", [record(value)]));
    const answers = Promise.allSettled(calls);
    const refused = kafkaError({ type: "MESSAGE_TOO_LARGE" }, { brokers: ["k"] });
    for (let turn = 0; turn < 8; turn++) {
      await settle();
      const open = requests.at(-1);
      if (open?.values.includes("2")) open.answer.reject(refused);
      else open?.answer.resolve(BigInt(turn));
    }
    expect((await answers).map((each) => each.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(requests.flatMap(({ values }) => values).slice(-3)).toEqual(["1", "2", "3"]);
  });
});
