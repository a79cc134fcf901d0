import type { ServerResponse } from "node:http";
import type { ActionRequest, PluginContext } from "@vedette/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { channelDeps, Loopback } from "../_channel/testing/loopback.ts";
import { connection, signatureOf } from "./channel.ts";
import { webhook } from "./index.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(more: object = {}, allow = ["127.0.0.1"]) {
  const receiver = new Loopback();
  const base = await receiver.start();
  cleanups.push(() => receiver.stop());
  const settings = connection.settings.parse({
    url: `${base}/do`,
    signing: { secretKey: "s3cret" },
    ...more,
  });
  const context = (ms = 60_000): PluginContext<never> =>
    ({ ...channelDeps(AbortSignal.timeout(ms), allow), connection: async () => settings }) as never;
  const request: ActionRequest = {
    ...{ id: "run-1", action: "contain", target: { type: "user", value: "anna" }, reason: "why" },
    ...{ parameters: { connection: "door" }, expiresAt: 1_750_000_000_000 },
  };
  const action = webhook.action!;
  return {
    ...{ receiver, base },
    contain: (extra: Partial<ActionRequest> = {}, ms?: number) =>
      action.execute({ ...request, ...extra }, context(ms)),
    undo: (undo: Record<string, string> = {}) => action.undo!({ ...request, undo }, context()),
    validate: (extra: Partial<ActionRequest>) => action.validate!({ ...request, ...extra }, context()),
  };
}

describe("actions over a webhook", () => {
  it("are signed, bear a key, and are undone with what the receiver answered", async () => {
    const { receiver, base, contain, undo } = await setUp();
    receiver.answer = (_, response) => void response.end('{"undo":{"ticket":"42","deep":{"x":1}}}');
    expect(await contain()).toEqual({ message: "The receiver answered 200.", undo: { ticket: "42" } });
    await undo({ ticket: "42" });
    const [done, undone] = receiver.seen;
    expect(JSON.parse(done!.body)).toEqual({
      ...{ about: "action", id: "run-1", action: "contain", target: { type: "user", value: "anna" } },
      ...{ reason: "why", attempt: 1, expiresAt: "2025-06-15T15:06:40.000Z" },
    });
    const { "x-vedette-timestamp": at, "x-vedette-signature": signature } = done!.headers;
    expect(signature).toBe(signatureOf("s3cret", Number(at), done!.body));
    expect([done!.headers["idempotency-key"], undone!.headers["idempotency-key"]]).toEqual([
      "run-1",
      "run-1/undo",
    ]);
    expect(JSON.parse(undone!.body)).toMatchObject({ about: "undo", undo: { ticket: "42" } });
    expect(base).toContain("127.0.0.1");
  });

  it("are undone at an address of their own where there is one", async () => {
    const first = await setUp();
    const { undo, receiver } = await setUp({ undoUrl: `${first.base}/undo` });
    await undo();
    expect([receiver.seen.length, first.receiver.seen.map(({ line }) => line)]).toEqual([0, ["POST /undo"]]);
  });

  it.each<[string, (response: ServerResponse) => void, string | undefined]>([
    ["429", (response) => void response.writeHead(429, { "retry-after": "3" }).end(), "action.unavailable"],
    ["503", (response) => void response.writeHead(503).end(), "action.unavailable"],
    ["403", (response) => void response.writeHead(403).end(), "action.refused"],
    ["a redirect", (response) => void response.writeHead(302, { location: "/" }).end(), "action.refused"],
    ["502", (response) => void response.writeHead(502).end("<html>"), undefined],
    ["a closed connection", (response) => void response.destroy(), undefined],
    ["silence", () => undefined, undefined],
  ])("that are answered with %s are told as what they are", async (_, answer, code) => {
    const { receiver, contain } = await setUp();
    receiver.answer = (_request, response) => answer(response);
    const error = await contain({}, 400).then(
      () => expect.unreachable(),
      (each: Error & { code?: string }) => each,
    );
    expect(error.code).toBe(code);
    if (code === undefined) expect(error.message).toMatch(/Nobody knows/);
    expect(receiver.seen).toHaveLength(1);
  });

  it("go nowhere that the guarded way out refuses, nor without a connection", async () => {
    const { receiver, contain, validate } = await setUp({}, []);
    await expect(contain()).rejects.toMatchObject({ code: "action.refused", message: /egress\.allow/ });
    await expect(async () => validate({ parameters: { connection: "" } })).rejects.toMatchObject({
      code: "action.refused",
    });
    expect(receiver.seen).toEqual([]);
  });
});
