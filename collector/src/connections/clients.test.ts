import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credential, defineConnection } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, afterEach, expect, it } from "vitest";
import { z } from "zod";
import { type ControlDatabase, openControlDatabase } from "../control/index.ts";
import { testConnections } from "./testing/index.ts";

const root = mkdtempSync(join(tmpdir(), "connections-"));
const databases: ControlDatabase[] = [];
afterEach(() => Promise.all(databases.splice(0).map((each) => each.destroy())));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A plugin with a kind whose clients say what becomes of them. */
async function setUp() {
  const database = await openControlDatabase({ kind: "sqlite", dir: mkdtempSync(join(root, "at-")) });
  databases.push(database);
  const told: string[] = [];
  const settings = z.strictObject({ host: z.string(), auth: credential.token() });
  const kind = defineConnection({
    title: "Ticket system",
    settings,
    open: ({ host, auth }) => {
      if (host === "broken") throw new Error("no such host");
      told.push(`open ${host} ${auth.token}`);
      return { host, token: auth.token };
    },
    close: ({ host, token }) => void told.push(`close ${host} ${token}`),
  });
  const plain = defineConnection({ title: "Plain", settings });
  const keyed = defineConnection({
    ...kind,
    cacheKey: ({ host }: z.infer<typeof settings>) => host,
  });
  const clock = manualClock();
  const plugins = [{ id: "tickets", connections: { kind, plain, keyed } }];
  const given = { clock, log: recordingLogger(), plugins };
  const connections = testConnections(database, given);
  const make = (name: string, host: string, token: string, word = "kind") =>
    connections.create(name, { plugin: "tickets", kind: word, settings: { host, auth: { token } } });
  return {
    connections,
    told,
    clock,
    make,
    kind,
    plain,
    keyed,
    other: () => testConnections(database, given),
  };
}

it("gives all calls one client, and connections with the same settings too", async () => {
  const { connections, told, make, kind } = await setUp();
  await make("a", "h", "t1");
  await make("b", "h", "t1");
  await make("c", "h", "t2");
  const leases = ["action", "collect", "export"].map((word) => connections.lease(`tickets (${word})`));
  const all = await Promise.all(
    leases.flatMap((lease) => ["a", "b"].map((name) => lease.connection(kind, name))),
  );
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toEqual({ host: "h", token: "t1" });
  expect(await leases[0]!.connection(kind, "c")).toEqual({ host: "h", token: "t2" });
  expect(told).toEqual(["open h t1", "open h t2"]);
  for (const lease of leases) lease.release();
  await connections.stop();
  expect(told.slice(2).sort()).toEqual(["close h t1", "close h t2"]);
});

it("opens anew after a change, and closes the old one when its last user is done", async () => {
  const { connections, told, make, kind } = await setUp();
  const { version } = await make("a", "h", "t1");
  const [early, late] = [connections.lease("x"), connections.lease("y")];
  await early.connection(kind, "a");
  await connections.update("a", version, { host: "h", auth: { token: "t2" } });
  expect(await late.connection(kind, "a")).toEqual({ host: "h", token: "t2" });
  expect(told).toEqual(["open h t1", "open h t2"]);
  early.release();
  late.release();
  await connections.stop();
  expect(told.slice(2)).toEqual(["close h t1", "close h t2"]);
});

it("sees changes of another collector within a second", async () => {
  const { connections, clock, make, kind, other } = await setUp();
  const { version } = await make("a", "h", "t1");
  const lease = connections.lease("x");
  await lease.connection(kind, "a");
  await other().update("a", version, { host: "h", auth: { token: "t2" } });
  clock.advance(1_000);
  expect(await lease.connection(kind, "a")).toEqual({ host: "h", token: "t2" });
  await other().remove("a");
  clock.advance(1_000);
  await expect(lease.connection(kind, "a")).rejects.toMatchObject({ code: "connection.unknown" });
});

it("opens a changed connection anew though its own key says it is the same", async () => {
  const { connections, told, make, keyed } = await setUp();
  const { version } = await make("a", "h", "t1", "keyed");
  await make("b", "h", "t1", "keyed");
  const lease = connections.lease("x");
  expect(await lease.connection(keyed, "a")).toBe(await lease.connection(keyed, "b"));
  await connections.update("a", version, { host: "h", auth: { token: "t2" } });
  expect(await lease.connection(keyed, "a")).toMatchObject({ token: "t2" });
  expect(told).toEqual(["open h t1", "open h t2"]);
});

it("says what is wrong, and tries again the next time", async () => {
  const { connections, make, kind, plain } = await setUp();
  const { version } = await make("a", "broken", "t1");
  const lease = connections.lease("x");
  await expect(lease.connection(kind, "a")).rejects.toMatchObject({
    code: "connection.failed",
    message: 'The connection "a" cannot be used: no such host.',
  });
  await connections.update("a", version, { host: "h", auth: {} });
  expect(await lease.connection(kind, "a")).toEqual({ host: "h", token: "t1" });
  await expect(lease.connection(plain, "a")).rejects.toMatchObject({
    code: "connection.unknown",
    message: expect.stringContaining("tickets/kind, not tickets/plain"),
  });
  await expect(lease.connection(kind, "none")).rejects.toMatchObject({ code: "connection.unknown" });
  const stranger = defineConnection({ title: "Strange", settings: z.strictObject({}) });
  await expect(lease.connection(stranger, "a")).rejects.toThrow(/not among the connections/);
  lease.release();
  await expect(lease.connection(kind, "a")).rejects.toMatchObject({ code: "connection.failed" });
});

it("is not removed while something uses it, which is named", async () => {
  const { connections, make, kind } = await setUp();
  await make("a", "h", "t1");
  const uses = [{ connection: "a", by: "the workflow block-ip" }];
  connections.addUses(async () => uses);
  const lease = connections.lease("tickets (action)");
  await lease.connection(kind, "a");
  await expect(connections.remove("a")).rejects.toMatchObject({
    code: "connection.conflict",
    message: 'The connection "a" is in use: the workflow block-ip, tickets (action).',
  });
  lease.release();
  uses.pop();
  await connections.remove("a");
  await expect(connections.get("a")).rejects.toMatchObject({ code: "connection.unknown" });
});
