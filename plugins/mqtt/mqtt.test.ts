import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, InputBench, manifestProblems, TestAuthority } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mqtt } from "./index.ts";
import { input } from "./input.ts";
import { Mosquitto, noMosquitto } from "./testing/mosquitto.ts";

const problems = (settings: unknown): string =>
  input.settings
    .safeParse(settings)
    .error?.issues.map(({ path }) => path.join("."))
    .join() ?? "";
const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `message ${from + index}`);
const fast = { reconnectSeconds: 0.05, maxReconnectSeconds: 0.2 };

describe("settings", () => {
  it("keep the contract", () => {
    expect(manifestProblems(mqtt)).toEqual([]);
    expect(problems({ topics: ["a/+/b", "c/#", "#", "+", "$share/group/x"] })).toBe("");
    expect(problems({ topics: [] })).toBe("topics");
    for (const topic of ["a/#/b", "a+", "a/b#", "", "a\0"])
      expect(problems({ topics: [topic] })).toBe("topics.0");
    expect(problems({ topics: ["x"], url: "mqtt://broker.example.com" })).toBe("url");
    expect(problems({ topics: ["x"], url: "mqtts://broker.example.com" })).toBe("");
    expect(
      problems({ topics: ["x"], url: "mqtt://broker.example.com", dangerouslyAllowPlaintext: true }),
    ).toBe("");
    expect(problems({ topics: ["x"], url: "http://localhost" })).toContain("url");
    expect(problems({ topics: ["x"], url: "mqtt://a:99999" })).toContain("url");
    expect(problems({ topics: ["x"], password: "secret" })).toBe("password");
  });
});

it("finds a broker for its tests under CI", () => {
  if (process.env["CI"] === "true") expect(noMosquitto).toBeUndefined();
});

describe.skipIf(noMosquitto !== undefined)(`against mosquitto ${noMosquitto ?? ""}`, () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await Mosquitto.start();
  });
  afterAll(() => broker.down());

  it.each(["5", "3.1.1"] as const)("takes messages of MQTT %s with their topics", async (protocol) => {
    const bench = new InputBench(`take-${protocol}`);
    const settings = { url: broker.url, topics: ["sensors/+/state", "alarm/#"], protocol, qos: 2 };
    const life = await bench.start(input, settings);
    await eventually("the connection", () => life.input.health?.().status === "healthy");
    await broker.publish("sensors/door/state", ["opén", "closed"], "-q", "2");
    await broker.publish("alarm/floor/2", ["fire"], "-q", "0");
    await broker.publish("sensors/door/other", ["not wanted"]);
    await broker.publish("alarm", ["last"]);
    await eventually("four messages", () => bench.kept.length === 4);
    await life.stop();
    expect(bench.kept.map(({ raw, facts }) => [facts?.["topic"], raw])).toEqual([
      ["sensors/door/state", "opén"],
      ["sensors/door/state", "closed"],
      ["alarm/floor/2", "fire"],
      ["alarm", "last"],
    ]);
  });

  it("loses nothing that is published while it is away", async () => {
    const bench = new InputBench("away");
    const settings = { url: broker.url, topics: ["away"] };
    const life = await bench.start(input, settings);
    await eventually("the connection", () => life.input.health?.().status === "healthy");
    await broker.publish("away", numbered(0, 10));
    await eventually("ten messages", () => bench.kept.length === 10);
    await life.stop();
    await broker.publish("away", numbered(10, 200));
    const next = await bench.start(input, settings);
    await eventually("the rest", () => bench.kept.length === 210);
    await next.stop();
    expect(bench.kept.map(({ raw }) => raw)).toEqual(numbered(0, 210));
  });

  it.each(["5", "3.1.1"] as const)(
    "acknowledges only what is durable, takes a bounded number, and doubles nothing over kills (MQTT %s)",
    async (protocol) => {
      const bench = new InputBench(`kills-${protocol}`);
      const topic = `kills/${protocol}`;
      const settings = { url: broker.url, topics: [topic], maxInFlight: 7, protocol, ...fast };
      const first = await bench.start(input, settings, { sealEveryMs: 0 });
      await eventually("the connection", () => first.input.health?.().status === "healthy");
      await broker.publish(topic, numbered(0, 100));
      await eventually("messages in flight", () => first.logs.length >= 7);
      for (let turn = 0; turn < 3; turn++) first.seal();
      await first.kill();
      // What was sealed here was durable, and the broker may not know it: the hardest case.
      for (let life = 0; life < 4; life++) {
        const next = await bench.start(input, settings, { sealEveryMs: 1 });
        await eventually("some messages", () => next.logs.length > 5 || bench.kept.length === 100);
        await next.kill();
      }
      const last = await bench.start(input, settings);
      await eventually("all messages", () => bench.kept.length >= 100);
      await last.stop();
      expect(bench.kept.map(({ raw }) => raw)).toEqual(numbered(0, 100));
      expect(new Set(bench.kept.map(({ id }) => id)).size).toBe(100);
    },
  );

  it("recognises what was durable when the broker did not see the acknowledgement", async () => {
    const bench = new InputBench("unseen");
    const settings = { url: broker.url, topics: ["unseen"], qos: 2 };
    const first = await bench.start(input, settings, { sealEveryMs: 0 });
    await eventually("the connection", () => first.input.health?.().status === "healthy");
    await broker.publish("unseen", numbered(0, 5), "-q", "2");
    await eventually("the messages", () => first.logs.length === 5);
    // The checkpoint moves, but no acknowledgement leaves: durable() goes to an input that was closed before.
    const { durable } = first.input;
    first.input.durable = () => {};
    first.seal();
    first.input.durable = durable;
    await first.kill();
    expect(bench.kept).toHaveLength(5);
    const next = await bench.start(input, settings);
    await eventually("the connection", () => next.input.health?.().status === "healthy");
    await broker.publish("unseen", ["after"], "-q", "2");
    await eventually("the message after", () => bench.kept.some(({ raw }) => raw === "after"));
    await next.stop();
    expect(bench.kept.map(({ raw }) => raw)).toEqual([...numbered(0, 5), "after"]);
  });

  it("cuts what is too long, repairs what is not UTF-8, leaves out what is empty or kept from before", async () => {
    const bench = new InputBench("odd");
    await broker.publish("odd/kept", ["from before"], "-r");
    const settings = { url: broker.url, topics: ["odd/#"], maxPayloadBytes: 1_024, protocol: "3.1.1" };
    const life = await bench.start(input, settings);
    await eventually("the connection", () => life.input.health?.().status === "healthy");
    await broker.publish("odd/long", ["é".repeat(100_000), "short"]);
    const send = (...args: string[]): void => {
      execFileSync("/usr/bin/mosquitto_pub", ["-p", String(broker.port), "-q", "1", ...args]);
    };
    send("-t", "odd/empty", "-n");
    writeFileSync(join(bench.dir, "bytes"), Buffer.from([0x61, 0xff, 0xfe, 0x62]));
    send("-t", "odd/bytes", "-f", join(bench.dir, "bytes"));
    await eventually("three messages", () => bench.kept.length === 3);
    await life.stop();
    expect(bench.kept[0]).toMatchObject({ raw: "é".repeat(512), flaw: "The message was cut at 1024 bytes." });
    expect(bench.kept[1]?.raw).toBe("short");
    expect(bench.kept[2]?.flaw).toMatch(/not UTF-8/);
    expect(Object.fromEntries(bench.counted)).toMatchObject({
      "dropped retained": 1,
      "dropped empty": 1,
      "flawed cut": 1,
      "flawed not_utf8": 1,
    });
  });

  it("comes back when the broker does, and loses nothing", async () => {
    const own = await Mosquitto.start();
    const bench = new InputBench("comes-back");
    const life = await bench.start(input, { url: own.url, topics: ["t"], ...fast });
    await eventually("the connection", () => life.input.health?.().status === "healthy");
    await own.publish("t", numbered(0, 50));
    await eventually("the messages", () => bench.kept.length === 50);
    await own.down();
    await eventually("the loss to be seen", () => life.input.health?.().status === "error");
    await own.up();
    await eventually("the connection", () => life.input.health?.().status === "healthy");
    await own.publish("t", numbered(50, 50));
    await eventually("the rest", () => bench.kept.length >= 100);
    await life.stop();
    await own.down();
    expect(bench.kept.map(({ raw }) => raw)).toEqual(numbered(0, 100));
  });

  it("stays connected over times of silence, and unsubscribes what is no longer wanted", async () => {
    const bench = new InputBench("silence");
    const first = await bench.start(input, { url: broker.url, topics: ["silence/a", "silence/b"] });
    await eventually("the connection", () => first.input.health?.().status === "healthy");
    await first.stop();
    const life = await bench.start(input, { url: broker.url, topics: ["silence/a"], keepAliveSeconds: 2 });
    await eventually("the connection", () => life.input.health?.().status === "healthy");
    // The broker ends a connection after one and a half times as long a silence.
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    await broker.publish("silence/b", ["not wanted"]);
    await broker.publish("silence/a", ["wanted"]);
    await eventually("the message", () => bench.kept.length > 0);
    await life.stop();
    expect(bench.kept.map(({ raw }) => raw)).toEqual(["wanted"]);
    expect(bench.counted.get("failed connection")).toBeUndefined();
  });

  it("speaks TLS with a password, and trusts no other certificate", async () => {
    const own = await Mosquitto.start((dir) => {
      const authority = new TestAuthority(dir);
      const { certFile, keyFile } = authority.issue("broker");
      execFileSync("mosquitto_passwd", ["-c", "-b", "passwords", "agent", "s3cret"], { cwd: dir });
      return [
        "allow_anonymous false",
        `password_file ${dir}/passwords`,
        `cafile ${authority.caFile}`,
        `certfile ${certFile}`,
        `keyfile ${keyFile}`,
      ];
    });
    const url = `mqtts://localhost:${own.port}`;
    const login = { username: "agent", password: "s3cret" };
    const trusted = { tls: { caFile: `${own.dir}/ca.pem` } };
    const state = async (settings: object): Promise<string> => {
      const bench = new InputBench("tls");
      const life = await bench.start(input, { url, topics: ["tls"], ...fast, ...settings });
      await eventually("an outcome", () => life.input.health?.().status !== "warning");
      const message = life.input.health?.().message ?? "";
      await life.stop();
      return message;
    };
    expect(await state(login)).toMatch(/unable to verify|self-signed/i);
    expect(
      await state({ ...login, ...trusted, tls: { ...trusted.tls, serverName: "other.example.com" } }),
    ).toMatch(/other\.example\.com/);
    expect(await state({ ...trusted, username: "agent", password: "wrong" })).toMatch(/not allowed|wrong/);
    expect(await state({ ...trusted, ...login })).toBe(`Connected to ${url}.`);
    await own.down();
  });
});
