import { createServer } from "node:net";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { DraftSchema } from "@vedette/proto/plugins";
import { eventually } from "@vedette/sdk/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CallHandler, listenGrpc, type ServerCall, status } from "../../grpc/index.ts";
import type { JsonObject } from "../../pipeline/index.ts";
import type { SocketHost } from "./host.ts";
import { methods } from "./kinds.ts";
import { serveParsing } from "./serve/index.ts";
import { testHost } from "./testing/bench.ts";
import { WireWriter } from "./wire.ts";

const params = { key: "value", list: [1, null, { a: true }] };

/** Asks for one log. */
async function parse(
  host: SocketHost,
  plugin: string,
  root: JsonObject = { raw: "line" },
  errors: string[] = [],
) {
  const [answer] = await host.parsing.parse({ plugin, params }, [{ root, errors }]);
  if (answer instanceof Error || !answer) throw answer;
  return answer;
}

/** Serves raw answers, as a plugin that keeps no promise might. */
async function serveRaw(workDir: string, name: string, answer: (call: ServerCall, bytes: Buffer) => void) {
  const options = { at: { path: join(workDir, "sockets", `${name}_parsing.sock`) }, keepAliveMs: 60_000 };
  const handler = (each: ServerCall): CallHandler => ({
    message: (bytes) => answer(each, bytes),
    end: () => undefined,
    drain: () => undefined,
    close: () => undefined,
  });
  const limits = { maxMessageBytes: 1 << 26, maxStreams: 1_000, keepAliveTimeoutMs: 10_000 };
  const server = await listenGrpc({ ...options, ...limits }, { [methods.parse]: handler });
  onTestFinished(() => server.stop(0));
}

const answering =
  (bytes: Uint8Array) =>
  (call: ServerCall): void => {
    call.write(bytes);
    call.end();
  };

const draft = (log: string, errors: string[] = []): Uint8Array =>
  toBinary(DraftSchema, create(DraftSchema, { log, errors }));

const answers = (host: SocketHost, plugin: string): Promise<boolean> =>
  parse(host, plugin).then(
    () => true,
    () => false,
  );

describe("a parsing plugin over a socket", () => {
  it("gets the log and what the step says, and gives the log back changed", async () => {
    const { host, workDir, served } = await testHost();
    const seen: unknown[] = [];
    await served(
      serveParsing(
        "my_geo",
        (log, params) => {
          seen.push(params);
          return { ...log, log: { country: "SE" } };
        },
        {
          workDir,
        },
      ),
    );
    const answer = await parse(host, "my_geo");
    expect(answer).toEqual({ root: { raw: "line", log: { country: "SE" } }, errors: [] });
    expect(seen).toEqual([params]);
    expect(host.status()).toMatchObject([{ id: "my_geo", kind: "parsing", state: "healthy", calls: 1 }]);
  });

  it("is asked for many logs at once where it offers that, and an error is that log's alone", async () => {
    const { host, workDir, served } = await testHost();
    const work = (log: Record<string, unknown>) => {
      if (log.n === 7) throw new Error("seven");
      return { ...log, seen: true };
    };
    await served(serveParsing("many", work, { workDir }));
    await parse(host, "many", { n: 0 });
    const before = host.status()[0]!.calls;
    const drafts = Array.from({ length: 1_000 }, (_, n) => ({ root: { n }, errors: [] }));
    const given = await host.parsing.parse({ plugin: "many", params }, drafts);
    expect(given.map((each) => (each instanceof Error ? each.message : each.root.n))).toEqual(
      drafts.map(({ root: { n } }) => (n === 7 ? "The answer of many cannot be used: seven" : n)),
    );
    expect(host.status()[0]!.calls - before).toBe(1);
  });

  it("takes as much as two sockets hold both ways at once", async () => {
    const { host, workDir, served } = await testHost({ inFlight: 1_024 });
    await served(serveParsing("much", (log) => ({ ...log, more: log.raw }), { workDir }));
    const call = { plugin: "much", params };
    const draft = (n: number) => ({ root: { n, raw: "x".repeat(2_000) }, errors: [] });
    const group = (first: number) =>
      host.parsing.parse(
        call,
        Array.from({ length: 250 }, (_, n) => draft(first + n)),
      );
    await parse(host, "much");
    for (let round = 0; round < 5; round++) {
      const given = (await Promise.all(Array.from({ length: 8 }, (_, n) => group(n * 250)))).flat();
      expect(given.every((each, n) => !(each instanceof Error) && each.root.n === n)).toBe(true);
    }
  });

  it("may number the fields of its answer as before v1.1.0", async () => {
    const { host, workDir } = await testHost();
    const old = new WireWriter(64).text(1, '{"old":true}').text(5, "old error").text(4, "known").done();
    await serveRaw(workDir, "old", answering(old));
    expect(await parse(host, "old", {}, ["known"])).toEqual({
      root: { old: true },
      errors: ["old error"],
    });
  });

  it.each([
    ["no JSON", answering(draft("{")), "no JSON"],
    ["JSON that is no object", answering(draft("[1]")), "no JSON object"],
    ["nothing in its answer", answering(draft("")), "no log"],
    ["no answer", (each: ServerCall) => each.end(), "without an answer"],
    ["bytes that are no message", answering(Buffer.from([0x0a, 0x50, 1])), "ends within"],
    ["an answer that is too large", answering(Buffer.alloc(17 << 20)), "larger than"],
    ["an error", (each: ServerCall) => each.end(status.internal, "no such field"), "no such field"],
  ])("fails alone with %s, and the next call goes through", async (_, lie, message) => {
    const { host, workDir } = await testHost();
    let lying = true;
    await serveRaw(workDir, "liar", (each) => {
      if (lying) lie(each);
      else {
        each.write(draft('{"ok":1}'));
        each.end();
      }
    });
    await expect(parse(host, "liar")).rejects.toThrow(message);
    lying = false;
    expect(host.status()).toMatchObject([{ errors: 1, lastError: expect.stringContaining(message) }]);
    // Node's server takes no calls while it still has too much to send.
    await eventually("an answer", () => answers(host, "liar"));
    expect(await parse(host, "liar")).toMatchObject({ root: { ok: 1 } });
  });

  it("is sent nothing that is larger than it takes", async () => {
    const { host, workDir, served } = await testHost();
    await served(serveParsing("small", (log) => log, { workDir }));
    const large = parse(host, "small", { raw: "x".repeat(5 << 20) });
    await expect(large).rejects.toThrow(/has \d+ bytes; a plugin takes 4194304/);
    expect(await parse(host, "small")).toMatchObject({ root: { raw: "line" } });
  });

  it("that hangs is left alone after a while, holds nobody up, and is asked again", {
    timeout: 30_000,
  }, async () => {
    const { host, workDir } = await testHost({ deadlineSeconds: 0.1, inFlight: 4 });
    let hangs = true;
    await serveRaw(workDir, "hung", (each) => {
      if (hangs) return;
      each.write(draft('{"ok":1}'));
      each.end();
    });
    const given = await Promise.allSettled(Array.from({ length: 40 }, () => parse(host, "hung")));
    expect(given.every((each) => each.status === "rejected")).toBe(true);
    await expect(parse(host, "hung")).rejects.toThrow("does not answer; it is asked again in");
    expect(host.status()).toMatchObject([{ id: "hung", state: "error" }]);
    hangs = false;
    // One that comes a little late on a busy machine is none.
    let answer: unknown;
    await eventually("an answer", async () => {
      answer = await parse(host, "hung").catch(() => undefined);
      return answer !== undefined;
    });
    expect(answer).toMatchObject({ root: { ok: 1 } });
  });

  it("may come, go and come again", async () => {
    const { host, workDir } = await testHost();
    await expect(parse(host, "late")).rejects.toThrow("plugin late is not connected");
    const first = await serveParsing("late", (log) => ({ ...log, first: true }), { workDir });
    expect(await parse(host, "late")).toMatchObject({ root: { first: true } });
    await first.stop();
    const second = await serveParsing("late", (log) => ({ ...log, second: true }), { workDir });
    onTestFinished(() => second.stop());
    expect(await parse(host, "late")).toMatchObject({ root: { second: true } });
  });

  it("that speaks no gRPC is an error like any other", async () => {
    const { host, workDir } = await testHost({ deadlineSeconds: 1 });
    const server = createServer((socket) => socket.end("SSH-2.0-nonsense\r\n"));
    await new Promise<void>((resolve) =>
      server.listen(join(workDir, "sockets", "ssh_parsing.sock"), resolve),
    );
    onTestFinished(() => void server.close());
    await expect(parse(host, "ssh")).rejects.toThrow("ssh");
  });

  it("has a path that the system takes, or a clear error", async () => {
    await expect(testHost({ workDir: "w".repeat(100) })).rejects.toThrow(/socketPlugins\.workDir/);
    const { host } = await testHost();
    await expect(async () => parse(host, "p".repeat(90))).rejects.toThrow(/the system takes 107/);
  });
});
