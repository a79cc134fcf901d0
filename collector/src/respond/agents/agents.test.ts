import { randomBytes } from "node:crypto";
import { create, fromBinary } from "@bufbuild/protobuf";
import { Call, type GrpcServer, listenGrpc } from "@vedette/core/grpc";
import {
  ActiveSchema,
  AttendanceSchema,
  AttendRequestSchema,
  attendMethod,
  type Command,
  CommandSchema,
  isSigned,
  type Report,
  Report_Outcome,
  ReportSchema,
} from "@vedette/proto";
import type { ActionRequest, PluginContext } from "@vedette/sdk";
import { manifestProblems, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { AgentHub } from "./hub.ts";
import { agentBans } from "./plugin.ts";

const key = "k".repeat(32);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A hub on a real port. */
async function serve(given: { readonly key?: string } = { key }) {
  const log = recordingLogger();
  const hub = new AgentHub({ collectorId: "c", key: given.key }, log);
  const options = {
    maxMessageBytes: 1 << 20,
    maxStreams: 16,
    keepAliveMs: 20_000,
    keepAliveTimeoutMs: 10_000,
  };
  const at = { host: "127.0.0.1", port: 0 };
  const server: GrpcServer = await listenGrpc(
    { ...options, at },
    { [attendMethod.path]: (call) => hub.accept(call) },
  );
  cleanups.push(() => {
    hub.stop();
    return server.stop(100);
  });
  const plugin = agentBans(hub);
  const context = (ms = 60_000): PluginContext<never> =>
    ({ clock: { now: () => 1_000_000 }, signal: AbortSignal.timeout(ms) }) as never;
  const request = (value: string, more: Partial<ActionRequest> = {}): ActionRequest => ({
    ...{ id: "1", action: "ban", target: { type: "ip", value }, parameters: { agents: "*" }, reason: "why" },
    ...{ expiresAt: 1_060_000, ...more },
  });
  return {
    hub,
    port: server.port,
    ban: (value: string, more?: Partial<ActionRequest>, ms?: number) =>
      plugin.action!.execute(request(value, more), context(ms)),
    lift: (value: string, undo: Record<string, string> = {}) =>
      plugin.action!.undo!({ ...request(value), undo }, context()),
    list: async () => {
      const found: unknown[] = [];
      for await (const each of await plugin.action!.list!("ban", context())) found.push(each);
      return found;
    },
  };
}

type Reply = Partial<Pick<Report, "outcome" | "message" | "active">> | "silent" | "hang up";

/** An agent that a test scripts; it speaks the real protocol. */
async function agent(
  port: number,
  agentId: string,
  reply: (command: Command) => Reply = () => ({}),
  { maxTtlSeconds = 600, signed = true, nonce = randomBytes(32) } = {},
) {
  const seen: Command[] = [];
  const macs: boolean[] = [];
  let ended: string | undefined;
  let accepted = false;
  const send = (message: Parameters<typeof create<typeof AttendRequestSchema>>[1]) =>
    call.write([attendMethod.requestSerialize(create(AttendRequestSchema, message))]);
  const call: Call = new Call(
    {
      ...{
        address: `127.0.0.1:${port}`,
        path: attendMethod.path,
        maxMessageBytes: 65_536,
        userAgent: "test",
      },
      ...{ keepAliveMs: 20_000, keepAliveTimeoutMs: 10_000 },
    },
    {
      message: (bytes) => {
        const { message } = attendMethod.responseDeserialize(bytes);
        if (message.case === "accepted") accepted = true;
        if (message.case !== "sealed") return;
        const { command, mac } = message.value;
        macs.push(isSigned(key, nonce, command, mac));
        const opened = fromBinary(CommandSchema, command);
        seen.push(opened);
        const said = reply(opened);
        if (said === "hang up") call.cancel();
        else if (said !== "silent") {
          const report = { outcome: Report_Outcome.DONE, ...said, number: opened.number };
          send({ message: { case: "report", value: create(ReportSchema, report) } });
        }
      },
      drain: () => undefined,
      ended: ({ details }) => {
        ended = details;
      },
    },
  );
  cleanups.push(() => call.cancel());
  const value = create(AttendanceSchema, { agentId, host: "h", version: "1", nonce, maxTtlSeconds, signed });
  send({ message: { case: "attendance", value } });
  await expect.poll(() => accepted || ended).toBeTruthy();
  return { seen, macs, call, ended: () => ended };
}

const { REFUSED, FAILED, UNCERTAIN } = Report_Outcome;

describe("agents that are asked for bans", () => {
  it("has a manifest that keeps the contract", () => {
    expect(manifestProblems(agentBans(new AgentHub({ collectorId: "c", key }, recordingLogger())))).toEqual(
      [],
    );
  });

  it("asks those that match, signed, for no longer than they allow, and lifts", async () => {
    const { port, ban, lift } = await serve();
    const web = await agent(port, "web-1");
    const short = await agent(port, "web-2", undefined, { maxTtlSeconds: 30 });
    const db = await agent(port, "db-1");
    expect(await ban("45.9.148.7", { parameters: { agents: "web-*, mail" } })).toEqual({
      message: "Banned on 2 hosts. Lifted earlier by web-2 (after 30 s).",
      undo: { agents: "web-1,web-2", until: "1060000" },
    });
    expect(web.seen[0]!.verb).toMatchObject({ case: "ban", value: { target: "45.9.148.7", ttlSeconds: 60 } });
    expect(short.seen[0]!.verb).toMatchObject({ case: "ban", value: { ttlSeconds: 30 } });
    expect(db.seen).toEqual([]);
    expect(web.macs).toEqual([true]);
    expect(await lift("45.9.148.7")).toEqual({ message: "Lifted on 3 hosts." });
    expect(web.seen[1]).toMatchObject({ number: 2n, verb: { case: "unban" } });
  });

  it.each<[string, Reply, object]>([
    ["refuses", { outcome: REFUSED, message: "It is a gateway." }, { code: "action.refused" }],
    ["fails", { outcome: FAILED, message: "The set is full." }, { code: "action.unavailable" }],
    ["does not know", { outcome: UNCERTAIN, message: "It was ended." }, { message: /It was ended/ }],
    ["says nothing sensible", { outcome: 77 as never }, { message: /Banned on 0 hosts/ }],
    ["breaks the connection", "hang up", { message: /broke before it reported/ }],
    ["is silent", "silent", { message: /did not report in time/ }],
  ])("tells what it means that an agent %s", async (_, reply, expected) => {
    const { port, ban } = await serve();
    await agent(port, "a", () => reply);
    const error = (await ban("45.9.148.7", {}, 300).catch((each: unknown) => each)) as Error & {
      code?: string;
    };
    expect(error).toBeInstanceOf(Error);
    const { code, message } = expected as { code?: string; message?: RegExp };
    expect(error.code).toBe(code);
    if (message) expect(error.message).toMatch(message);
  });

  it("counts as not known where one host has it and another has not, and as done where another never will", async () => {
    const { port, ban } = await serve();
    await agent(port, "a");
    const b = await agent(port, "b", () => ({ outcome: FAILED, message: "Busy." }));
    await expect(ban("45.9.148.7")).rejects.toThrow("Banned on 1 host. b: Busy.");
    b.call.cancel();
    await agent(port, "b", () => ({ outcome: REFUSED, message: "Its own address." }));
    expect((await ban("45.9.148.7")).message).toBe("Banned on 1 host. b: Its own address.");
  });

  it("lists what stands, with an agent's name, and lists nothing where one does not answer", async () => {
    const { port, list } = await serve();
    const active = [create(ActiveSchema, { target: "45.9.148.0/24", secondsLeft: 9 })];
    await agent(port, "a", () => ({ active }));
    expect(await list()).toEqual([
      { target: { type: "cidr", value: "45.9.148.0/24" }, expiresAt: 1_009_000, origin: "a" },
    ]);
    await agent(port, "b", () => ({ outcome: FAILED, message: "No nft." }));
    await expect(list()).rejects.toMatchObject({ code: "action.unavailable" });
  });

  it("does not call a ban lifted whose host is away, until its time is over", async () => {
    const { lift } = await serve();
    const undo = { agents: "gone", until: "1000001" };
    await expect(lift("45.9.148.7", undo)).rejects.toMatchObject({ code: "action.unavailable" });
    expect(await lift("45.9.148.7", { ...undo, until: "1000000" })).toEqual({
      message: "Lifted on 0 hosts.",
    });
  });

  it("asks nobody where nobody attends", async () => {
    const { ban } = await serve();
    await expect(ban("45.9.148.7")).rejects.toMatchObject({ code: "action.unavailable" });
    await expect(ban("45.9.148.7", { expiresAt: 999_999 })).rejects.toMatchObject({ code: "action.refused" });
  });

  it("takes no agent that wants signatures where there is no key, none twice, and no junk", async () => {
    const { port, hub } = await serve({});
    expect((await agent(port, "a")).ended()).toContain("collector.respond.agents.key");
    expect((await agent(port, "a b", undefined, { signed: false })).ended()).toContain("agent id");
    expect((await agent(port, "a", undefined, { signed: false, nonce: randomBytes(4) })).ended()).toContain(
      "nonce",
    );
    const first = await agent(port, "a", undefined, { signed: false });
    await agent(port, "a", undefined, { signed: false });
    await expect.poll(() => first.ended()).toBeDefined();
    expect(hub.list()).toHaveLength(1);
    first.call.cancel();
    expect(hub.list()).toHaveLength(1);
  });
});
