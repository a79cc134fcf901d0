import { create, toBinary } from "@bufbuild/protobuf";
import { listenGrpc, type ServerCall } from "@vedette/core/grpc";
import { Telemetry } from "@vedette/core/telemetry";
import {
  AcceptedSchema,
  type AttendRequest,
  AttendResponseSchema,
  attendMethod,
  type Command,
  CommandSchema,
  commandMac,
  ReportSchema,
  SealedSchema,
} from "@vedette/proto";
import { testDeps } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { agentConfig } from "../config/index.ts";
import { attend } from "./attend.ts";
import { Executor } from "./executor.ts";
import type { BanJournal } from "./journal.ts";
import { HostGuard } from "./never.ts";
import { NftTable } from "./nft.ts";

const key = "k".repeat(32);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A collector that a test scripts, and an agent without nft that attends to it. */
async function setUp(agentKey: string | undefined) {
  const streams: {
    readonly call: ServerCall;
    nonce: Uint8Array<ArrayBufferLike>;
    readonly heard: AttendRequest["message"][];
  }[] = [];
  const server = await listenGrpc(
    {
      ...{ at: { host: "127.0.0.1", port: 0 }, maxMessageBytes: 1 << 20, maxStreams: 16 },
      ...{ keepAliveMs: 20_000, keepAliveTimeoutMs: 10_000 },
    },
    {
      [attendMethod.path]: (call) => {
        const stream = {
          call,
          nonce: new Uint8Array() as Uint8Array<ArrayBufferLike>,
          heard: [] as AttendRequest["message"][],
        };
        streams.push(stream);
        return {
          message: (bytes) => {
            const { message } = attendMethod.requestDeserialize(bytes);
            stream.heard.push(message);
            if (message.case !== "attendance") return;
            stream.nonce = message.value.nonce;
            const value = create(AcceptedSchema, { collectorId: "c" });
            call.write(
              attendMethod.responseSerialize(
                create(AttendResponseSchema, { message: { case: "accepted", value } }),
              ),
            );
          },
          end: () => call.end(),
          drain: () => undefined,
          close: () => undefined,
        };
      },
    },
  );
  const stop = new AbortController();
  const deps = { ...testDeps(), signal: stop.signal };
  const { nftables } = agentConfig.parse({ respond: { nftables: { program: "/nowhere/nft" } } }).respond!;
  const executor = new Executor(nftables, {
    ...{ table: new NftTable(nftables, deps.log), guard: new HostGuard(nftables, [], { now: Date.now }) },
    ...{ journal: {} as BanJournal, clock: deps.clock, log: deps.log, telemetry: new Telemetry() },
  });
  const who = { agentId: "a", host: "h", version: "1", maxTtlSeconds: 60, key: agentKey };
  const running = attend(`127.0.0.1:${server.port}`, who, executor, deps);
  cleanups.push(async () => {
    stop.abort();
    await running;
    await server.stop(100);
  });
  await expect.poll(() => streams[0]?.heard.length).toBe(1);
  const send = (number: bigint, verb: Command["verb"], at = 0, signer = key, nonce = streams[at]!.nonce) => {
    const command = toBinary(CommandSchema, create(CommandSchema, { number, verb }));
    const value = create(SealedSchema, { command, mac: commandMac(signer, nonce, command) });
    const response = create(AttendResponseSchema, { message: { case: "sealed", value } });
    streams[at]!.call.write(attendMethod.responseSerialize(response));
  };
  return { streams, send };
}

const ban = { case: "ban", value: { target: "127.0.0.1", ttlSeconds: 5 } } as unknown as Command["verb"];

describe("an agent that attends", () => {
  it("says who it is, does what is signed, and reports each command by its number", async () => {
    const { streams, send } = await setUp(key);
    const [stream] = streams;
    expect(stream!.heard[0]).toMatchObject({
      ...{ case: "attendance", value: { agentId: "a", maxTtlSeconds: 60, signed: true } },
    });
    send(1n, ban);
    send(2n, { case: undefined });
    await expect.poll(() => stream!.heard.length).toBe(3);
    expect(stream!.heard.slice(1)).toMatchObject([
      {
        case: "report",
        value: create(ReportSchema, {
          number: 1n,
          outcome: 2,
          message: "127.0.0.1 is or holds this machine.",
        }),
      },
      { case: "report", value: { number: 2n, message: "This agent does not know that verb." } },
    ]);
  });

  it.each<[string, (send: Awaited<ReturnType<typeof setUp>>["send"]) => void]>([
    ["signed with another key", (send) => send(1n, ban, 0, "x".repeat(32))],
    ["signed for another stream", (send) => send(1n, ban, 0, key, new Uint8Array(32))],
    [
      "sent twice",
      (send) => {
        send(5n, { case: undefined });
        send(5n, ban);
      },
    ],
  ])("takes no command that is %s, and connects anew", async (_, act) => {
    const { streams, send } = await setUp(key);
    act(send);
    await expect.poll(() => streams[1]?.heard.length).toBe(1);
    expect(
      streams[0]!.heard.filter((each) => each.case === "report" && each.value.message.includes("machine")),
    ).toEqual([]);
    expect(streams[1]!.nonce).not.toEqual(streams[0]!.nonce);
    send(1n, ban, 1);
    await expect.poll(() => streams[1]!.heard.length).toBe(2);
  });

  it("asks for no signature where it has no key", async () => {
    const { streams, send } = await setUp(undefined);
    expect(streams[0]!.heard[0]).toMatchObject({ value: { signed: false } });
    send(1n, ban);
    await expect.poll(() => streams[0]!.heard.length).toBe(2);
  });
});

describe("the configuration of what collectors may ask", () => {
  const problems = (agent: object): string[] =>
    agentConfig.safeParse(agent).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ??
    [];
  it.each([
    [{ respond: { nftables: {} } }, []],
    [
      { respond: { nftables: {}, collectors: ["collector.example:8601"] } },
      [/respond\.key: .*must be signed/],
    ],
    [{ respond: { nftables: {}, collectors: ["collector.example:8601"], key } }, []],
    [
      { collector: { address: "10.0.0.1:8601", dangerouslyAllowPlaintext: true }, respond: { nftables: {} } },
      [/respond\.key/],
    ],
    [
      { kafka: { brokers: ["127.0.0.1:9092"], dangerouslyAllowPlaintext: true }, respond: { nftables: {} } },
      [/respond\.collectors/],
    ],
    [{ respond: { nftables: { table: "a b" } } }, [/nftables\.table/]],
    [{ respond: { nftables: { never: ["10.0.0.0/33"] } } }, [/nftables\.never/]],
    [{ respond: {} }, [/nftables/]],
  ])("%j", (agent, expected) => {
    expect(problems(agent)).toEqual(expected.map((each) => expect.stringMatching(each)));
  });
});
