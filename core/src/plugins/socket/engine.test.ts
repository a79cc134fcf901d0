import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "@vedette/proto/plugins";
import { eventually } from "@vedette/sdk/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { Call } from "../../grpc/index.ts";
import type { PluginLog } from "./engine.ts";
import { methods } from "./kinds.ts";
import { openInput, serveNotification } from "./serve/index.ts";
import { testHost } from "./testing/bench.ts";

function open(workDir: string, path: string) {
  const options = {
    maxMessageBytes: 1 << 20,
    userAgent: "test",
    keepAliveMs: 60_000,
    keepAliveTimeoutMs: 10_000,
  };
  const ended = Promise.withResolvers<unknown>();
  const call = new Call(
    { ...options, path, address: { path: join(workDir, "sockets", "engine_server.sock") } },
    { message: () => undefined, drain: () => undefined, ended: ended.resolve },
  );
  onTestFinished(() => call.cancel());
  return { call, ended: ended.promise };
}

describe("the engine's socket", () => {
  it("acknowledges a log when it is safe, and no earlier", async () => {
    const { host, workDir } = await testHost();
    const taken: { log: PluginLog; safe: () => void }[] = [];
    host.takeLogs((log, safe) => void taken.push({ log, safe }));
    const input = openInput({ workDir });
    onTestFinished(() => input.close());
    let acknowledged = 0;
    for (let n = 0; n < 3; n++)
      void input.send({ id: `id-${n}`, dataType: "t", raw: `line ${n}` }).then(() => acknowledged++);
    await eventually("the logs", () => taken.length === 3);
    expect(taken.map(({ log }) => [log.id, log.raw])).toEqual([
      ["id-0", "line 0"],
      ["id-1", "line 1"],
      ["id-2", "line 2"],
    ]);
    taken[0]?.safe();
    await eventually("one acknowledgement", () => acknowledged === 1);
    taken[1]?.safe();
    taken[2]?.safe();
    await eventually("all of them", () => acknowledged === 3);
  });

  it("takes no more from a plugin than is taken from it: one that floods waits", async () => {
    const { host, workDir } = await testHost();
    let taken = 0;
    const room = Promise.withResolvers<void>();
    host.takeLogs((_, safe) => {
      taken++;
      safe();
      return taken === 5 ? room.promise : undefined;
    });
    const input = openInput({ workDir });
    onTestFinished(() => input.close());
    const raw = "x".repeat(100_000);
    let sent = 0;
    const sending = Array.from({ length: 200 }, async (_, n) => {
      await input.send({ id: String(n), raw });
      sent++;
    });
    await eventually("the first", () => sent === 5);
    // A second plugin is not held up by the first.
    const other = openInput({ workDir });
    onTestFinished(() => other.close());
    await other.send({ id: "other", raw: "line" });
    expect(taken).toBe(6);
    room.resolve();
    await Promise.all(sending);
    expect(taken).toBe(201);
  });

  it("waits for somebody to take logs", async () => {
    const { host, workDir } = await testHost();
    const input = openInput({ workDir });
    onTestFinished(() => input.close());
    const sent = input.send({ id: "early", raw: "line" });
    host.takeLogs((_, safe) => safe());
    await sent;
  });

  it("counts what is no message, and keeps the stream", async () => {
    const { host, workDir } = await testHost();
    const taken: string[] = [];
    host.takeLogs((log) => void taken.push(log.id));
    const { call } = open(workDir, methods.input);
    call.write([Buffer.from([0xff, 0xff])]);
    call.write([Buffer.from([0x0a, 1, 0x61])]);
    await eventually("the log behind it", () => taken.length === 1);
    expect(host.malformed).toBe(1);
  });

  it("passes messages of plugins on to every notification plugin", async () => {
    const { workDir, served } = await testHost({ order: { notification: ["mail"] } });
    const told: unknown[] = [];
    await served(serveNotification("mail", ({ id, topic }) => void told.push([id, topic]), { workDir }));
    const { call } = open(workDir, methods.engineNotify);
    call.write([toBinary(MessageSchema, create(MessageSchema, { id: "m", topic: "mine", message: "{}" }))]);
    await eventually("the message", () => told.length === 1);
    expect(told).toEqual([["m", "mine"]]);
  });
});
