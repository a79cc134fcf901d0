import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { AlertSchema } from "@vedette/proto/plugins";
import type { Alert, Event } from "@vedette/sdk";
import { eventually } from "@vedette/sdk/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CallHandler, listenGrpc, type ServerCall, status } from "../../grpc/index.ts";
import { Telemetry } from "../../telemetry/index.ts";
import { methods } from "./kinds.ts";
import { programMetrics } from "./metrics.ts";
import { serveAnalysis, serveCorrelation, serveNotification } from "./serve/index.ts";
import { testHost } from "./testing/bench.ts";

const event: Event = {
  id: "event-1",
  "@timestamp": "2026-01-01T00:00:00.000Z",
  dataType: "test",
  dataSource: "host-1",
  tenantId: "tenant",
  raw: "line",
  eventType: "access.denied",
  statusCode: 403,
  origin: { ip: "8.8.8.8", packagesSent: "18446744073709551615" },
  log: { list: [1, { deep: null }], text: "t" },
  compliance: { pci: { values: ["1.2"] } },
};

/** Serves raw answers, as a plugin that keeps no promise might. */
async function serveRaw(workDir: string, name: string, answer: (call: ServerCall) => void): Promise<void> {
  const handler = (call: ServerCall): CallHandler => ({
    message: () => answer(call),
    end: () => undefined,
    drain: () => undefined,
    close: () => undefined,
  });
  const at = { path: join(workDir, "sockets", `${name}_analysis.sock`) };
  const limits = {
    maxMessageBytes: 1 << 24,
    maxStreams: 100,
    keepAliveMs: 60_000,
    keepAliveTimeoutMs: 10_000,
  };
  const server = await listenGrpc({ at, ...limits }, { [methods.analyze]: handler });
  onTestFinished(() => server.stop(0));
}
const bytesOf = (alert: object): Uint8Array => toBinary(AlertSchema, create(AlertSchema, alert));

describe("analysis plugins", () => {
  it("see the whole event, one after the other, and raise alerts with ids that stay", async () => {
    const { host, workDir, served } = await testHost({ order: { analysis: ["second", "first"] } });
    const seen: string[] = [];
    for (const name of ["first", "second"])
      await served(
        serveAnalysis(
          name,
          function* (given) {
            seen.push(name);
            expect(given).toMatchObject({ id: "event-1", raw: "line", statusCode: 403, tenantId: "tenant" });
            expect(given.origin?.packagesSent).toBe(18446744073709551615n);
            expect(Object.keys(given.log).sort()).toEqual(["list", "text", "vedette"]);
            expect(given.compliance["pci"]?.values).toEqual(["1.2"]);
            yield { name: `by ${name}`, severity: "low" };
            yield { name: `more by ${name}`, impact: { confidentiality: 2 } as never };
          },
          { workDir },
        ),
      );
    const alerts = await host.analyze(1, () => event);
    expect(seen).toEqual(["second", "first"]);
    expect(alerts.map(({ name }) => name)).toEqual([
      "by second",
      "more by second",
      "by first",
      "more by first",
    ]);
    expect(alerts[1]).toMatchObject({
      ruleId: "plugin:second",
      severity: "medium",
      impactScore: 2,
      tenantId: "tenant",
      dataType: "test",
      status: "open",
      lastEvent: event,
    });
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(4);
    expect(await host.analyze(1, () => event).then((again) => again.map(({ id }) => id))).toEqual(
      alerts.map(({ id }) => id),
    );
  });

  it("may end their answer with the error EOF, as those of the SDK do", async () => {
    const { host, workDir } = await testHost({ order: { analysis: ["eof"] } });
    await serveRaw(workDir, "eof", (call) => {
      call.write(bytesOf({ name: "found" }));
      call.end(status.unknown, "EOF");
    });
    expect(await host.analyze(1, () => event)).toMatchObject([{ name: "found" }]);
    expect(host.status()).toMatchObject([{ id: "eof", errors: 0, state: "healthy" }]);
  });

  it.each([
    ["bytes that are no alert", Buffer.from([0xff, 0xff, 1])],
    ["too many alerts", bytesOf({ name: "again" })],
    ["a number that no field holds", bytesOf({ name: "x", target: { bytesSent: Number.NaN } })],
  ])("that answer with %s cost their own findings only", async (_, bytes) => {
    const { host, workDir, served } = await testHost({ order: { analysis: ["liar", "good"] } });
    await serveRaw(workDir, "liar", (call) => {
      for (let n = 0; n < 1_000; n++) call.write(bytes);
      call.end();
    });
    await served(serveAnalysis("good", () => [{ name: "right" }], { workDir }));
    const alerts = await host.analyze(1, () => event);
    expect(alerts.length).toBeLessThanOrEqual(101);
    expect(alerts.at(-1)).toMatchObject({ name: "right" });
    expect(host.status().find(({ id }) => id === "liar")?.errors).toBe(1);
  });

  it("that are away or hang find nothing, and the events go on", async () => {
    const order = { analysis: ["away", "hung", "good"] };
    const { host, workDir, served } = await testHost({ order, deadlineSeconds: 3, inFlight: 8 });
    await serveRaw(workDir, "hung", () => undefined);
    await served(serveAnalysis("good", () => [{ name: "right" }], { workDir }));
    const alerts = await host.analyze(100, (index) => ({ ...event, id: `event-${index}` }));
    expect(alerts.map(({ name }) => name)).toEqual(new Array(100).fill("right"));
    const states = host.status().map(({ id, state }) => [id, state]);
    expect(states).toEqual([
      ["away", "error"],
      ["good", "healthy"],
      ["hung", "error"],
    ]);
    const telemetry = new Telemetry();
    programMetrics(telemetry, () => host.status());
    const lines = telemetry.render().split("\n");
    expect(lines).toContain('vedette_program_dropped_total{plugin="away",kind="analysis",reason="away"} 100');
    expect(lines).toContain('vedette_program_state{plugin="hung",kind="analysis",state="error"} 1');
    expect(lines).toContain('vedette_program_calls_total{plugin="good",kind="analysis"} 100');
  });
});

describe("correlation and notification plugins", () => {
  const alert: Alert = { id: "alert-1", name: "Found", severity: "high", events: [event], lastEvent: event };

  it("get every alert and message, also those from before they came", async () => {
    const order = { correlation: ["late"], notification: ["one", "two"] };
    const { host, workDir, served } = await testHost({ order });
    host.correlate(alert);
    host.announce("enqueue_success", { dataType: "test", dataSource: "host-1" });
    const given: unknown[] = [];
    await served(
      serveCorrelation(
        "late",
        ({ id, events, lastEvent }) => void given.push([id, events.length, lastEvent?.id]),
        {
          workDir,
        },
      ),
    );
    const told: unknown[] = [];
    for (const name of ["one", "two"])
      await served(
        serveNotification(name, ({ topic, message }) => void told.push([name, topic, JSON.parse(message)]), {
          workDir,
        }),
      );
    await eventually("all of it", () => given.length === 1 && told.length === 2);
    expect(given).toEqual([["alert-1", 1, "event-1"]]);
    const body = { dataType: "test", dataSource: "host-1" };
    expect(told.sort()).toEqual([
      ["one", "enqueue_success", body],
      ["two", "enqueue_success", body],
    ]);
  });

  it("that are slow hold nobody up; what finds no room is dropped, counted and told", async () => {
    const order = { correlation: ["slow"], notification: ["told"] };
    const { host, workDir, served } = await testHost({ order, queue: 10, inFlight: 1 });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let count = 0;
    await served(
      serveCorrelation(
        "slow",
        async () => {
          await held;
          count++;
        },
        { workDir },
      ),
    );
    const topics: string[] = [];
    await served(serveNotification("told", ({ topic }) => void topics.push(topic), { workDir }));
    for (let n = 0; n < 25; n++) host.correlate(alert);
    expect(host.status().find(({ id }) => id === "slow")?.dropped).toBe(15);
    await eventually("the news", () => topics.length === 10);
    expect(new Set(topics)).toEqual(new Set(["correlation_dropped"]));
    release();
    await eventually("the rest", () => count === 10);
  });

  it("are told only of the topics that were chosen", async () => {
    const { host } = await testHost({ order: { notification: ["n"] }, topics: ["analysis_dropped"] });
    expect(host.announces("enqueue_success")).toBe(false);
    expect(host.announces("analysis_dropped")).toBe(true);
  });
});
