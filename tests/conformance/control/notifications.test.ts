import type { RequestListener } from "node:http";
import type { Alert } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { notificationsConfig } from "../../../collector/src/config/index.ts";
import { testConnections } from "../../../collector/src/connections/testing/index.ts";
import { type ControlDatabase, openControlDatabase } from "../../../collector/src/control/index.ts";
import { Notifier } from "../../../collector/src/respond/notify/index.ts";
import { claim, deliveries, revive, tally } from "../../../collector/src/respond/notify/outbox.ts";
import { Loopback } from "../../../plugins/_channel/testing/loopback.ts";
import { webhook } from "../../../plugins/webhook/index.ts";
import { createEgress } from "../../../sdk/src/index.ts";
import { kinds, type Opened } from "./targets.ts";

interface Told {
  readonly id: string;
  readonly about: string;
  readonly severity: string;
  readonly count: number;
  readonly title: string;
  readonly lines: readonly string[];
}

/** Rules, windows, outbox and sender, on every control database, against a real HTTP server. */
describe.each(kinds)("notifications on $name", ({ open }) => {
  describe.skipIf(!open)("keep their promise", () => {
    let opened: Opened;
    let database: ControlDatabase;
    let clock: ReturnType<typeof manualClock>;
    let server: Loopback;
    let url = "";
    const stopping = new AbortController();
    const yes: RequestListener = (_, response) => void response.writeHead(204).end();
    beforeAll(async () => {
      opened = await open!();
      server = new Loopback();
      url = await server.start();
    });
    beforeEach(async () => {
      database = await openControlDatabase(await opened.fresh());
      clock = manualClock();
      server.answer = yes;
      server.seen.length = 0;
    });
    afterEach(() => database.destroy());
    afterAll(async () => {
      stopping.abort();
      await server?.stop();
      await opened?.close();
    });

    const started = async (rules: object, more: object = {}, at = database): Promise<Notifier> => {
      const log = recordingLogger();
      const connections = testConnections(at, { clock, log, plugins: [webhook], allow: ["127.0.0.1"] });
      for (const name of ["ops", "other"]) {
        const known = (await connections.list()).some((each) => each.name === name);
        const settings = { url: `${url}/${name}`, signing: { secretKey: "0123456789abcdef" } };
        if (!known) await connections.create(name, { plugin: "webhook", kind: "endpoint", settings });
      }
      const notifier = new Notifier(notificationsConfig.parse({ rules, ...more }), {
        ...{ database: at, clock, log, signal: stopping.signal, connections, plugins: () => [webhook] },
        ...{ egress: createEgress({ allow: ["127.0.0.1"] }), redact: (text) => text, random: () => 0.5 },
      });
      await notifier.rules.refresh();
      return notifier;
    };
    const settle = async (notifier: Notifier): Promise<void> => {
      await notifier.turn();
      await notifier.idle();
    };
    const told = (): Told[] => server.seen.map(({ body }) => JSON.parse(body) as Told);
    const alert = (id: string, more: Alert = {}): Alert => ({
      ...{ id, name: "SSH brute force", ruleId: "r1", severity: "high", dataSource: "web-1" },
      ...{ "@timestamp": new Date(clock.now()).toISOString(), adversary: { ip: "203.0.113.9" }, ...more },
    });
    const all = { all: { channels: ["ops"] } };

    it("tell the first of a kind at once, and count what follows", async () => {
      const notifier = await started(all);
      notifier.alerted([alert("a1"), alert("a2")]);
      await settle(notifier);
      expect(told()).toMatchObject([
        { about: "alert", severity: "high", count: 2, title: "high: SSH brute force" },
      ]);
      expect(told()[0]!.lines).toContain("Source: 203.0.113.9");
      for (let i = 0; i < 5; i++) {
        clock.advance(60_000);
        notifier.alerted([alert(`b${i}`)]);
        await settle(notifier);
      }
      expect(told()).toHaveLength(1);
      clock.advance(10 * 60_000);
      await settle(notifier);
      expect(told()[1]).toMatchObject({ about: "digest", count: 5, title: "high: 5 alerts in 14 min" });
      clock.advance(3_600_000);
      await settle(notifier);
      expect(told()).toHaveLength(2);
    });

    it("of 10,000 alerts in a minute are few, and tell of all of them", async () => {
      const notifier = await started(all);
      const severities = ["low", "medium", "high"];
      let most = 0;
      for (let second = 0; second < 60; second++) {
        const count = second === 59 ? 10_000 - 59 * 167 : 167;
        const from = second * 167;
        notifier.alerted(
          Array.from({ length: count }, (_, index) => {
            const kind = (from + index) % 250;
            const name = `Rule ${kind}`;
            return alert(`a${from + index}`, { name, severity: severities[kind % 3]! });
          }),
        );
        clock.advance(1_000);
        await settle(notifier);
        const [{ state } = { state: "" }] = await database
          .selectFrom("notification_windows")
          .selectAll()
          .execute();
        most = Math.max(most, state.length);
      }
      clock.advance(15 * 60_000);
      await settle(notifier);
      const notices = told();
      // Three kinds of each of three severities, and one digest.
      expect(notices.map(({ about }) => about)).toEqual([...Array(9).fill("alert"), "digest"]);
      expect(notices.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
      const digest = notices.at(-1)!;
      expect(digest.title).toMatch(/^high: 9,9\d\d alerts in 16 min$/);
      expect(digest.lines).toHaveLength(12);
      expect(digest.lines[0]).toMatch(/^\d+ × high: Rule \d+, last 2026-01-01T00:0/);
      expect(digest.lines[10]).toMatch(/^… and 9,\d{3} more of further kinds$/);
      expect(server.seen.at(-1)!.body.length).toBeLessThan(2_000);
      // What a rule keeps between two turns is bounded, however many come.
      expect(most).toBeLessThan(32_768);
    });

    it("neither double nor forget what came again, nor what a crash interrupted", async () => {
      const first = await started(all);
      first.alerted([alert("a1"), alert("a2"), alert("a3")]);
      await settle(first);
      // Another life: the same alerts come again from the store, and one that was not looked at.
      const second = await started(all);
      second.alerted([alert("a1"), alert("a2"), alert("a3"), alert("a4")]);
      await settle(second);
      expect(told().map(({ count }) => count)).toEqual([3]);
      clock.advance(16 * 60_000);
      const third = await started(all);
      await settle(third);
      expect(told().map(({ about, count }) => [about, count])).toEqual([
        ["alert", 3],
        ["digest", 1],
      ]);
    });

    it("that somebody began to send and did not end are taken over, with the same id", async () => {
      const notifier = await started(all);
      server.answer = (_, response) => void response.writeHead(500).end();
      notifier.alerted([alert("a1")]);
      await settle(notifier);
      clock.advance(10_000);
      expect(await claim(database, "ops", "a collector that dies now", clock.now())).toMatchObject({
        ...{ attempts: 2, uncertain: false },
      });
      server.answer = yes;
      clock.advance(30_000);
      await settle(notifier);
      expect(server.seen).toHaveLength(1);
      clock.advance(31_000);
      await settle(notifier);
      const [one, two] = server.seen;
      expect(two?.headers["idempotency-key"]).toBe(one?.headers["idempotency-key"]);
      expect(await deliveries(database, 10, {})).toMatchObject([
        { state: "sent", attempts: 3, uncertain: true, outcome: "answered 204" },
      ]);
    });

    it("wait as long as they are asked to, longer each time, and end as dead letters", async () => {
      const notifier = await started(all, { attempts: 4 });
      server.answer = (_, response) => void response.writeHead(429, { "retry-after": "100" }).end();
      notifier.alerted([alert("a1")]);
      await settle(notifier);
      clock.advance(99_000);
      await settle(notifier);
      expect(server.seen).toHaveLength(1);
      clock.advance(1_000);
      server.answer = (_, response) => void response.writeHead(503).end();
      const waits: number[] = [];
      for (let attempt = 2; attempt <= 4; attempt++) {
        await settle(notifier);
        expect(server.seen).toHaveLength(attempt);
        const [{ dueAt } = { dueAt: 0 }] = await deliveries(database, 1, {});
        waits.push(dueAt - clock.now());
        clock.advance(dueAt - clock.now());
      }
      expect(waits).toEqual([10_000, 20_000, 0]);
      await settle(notifier);
      expect(server.seen).toHaveLength(4);
      const [dead] = await deliveries(database, 10, { state: "dead" });
      expect(dead).toMatchObject({ attempts: 4, outcome: expect.stringContaining("503") });
      server.answer = yes;
      expect(await revive(database, dead!.id, clock.now())).toBe(true);
      expect(await revive(database, dead!.id, clock.now())).toBe(false);
      clock.advance(1_000_000);
      await settle(notifier);
      expect(await tally(database)).toEqual({ sent: 1 });
    });

    it("that are refused for good are not tried again, and hold up no other channel", async () => {
      const notifier = await started({ all: { channels: ["ops", "other", "gone"] } });
      server.answer = (request, response) =>
        void response.writeHead(request.url === "/ops" ? 403 : 204).end();
      notifier.alerted([alert("a1")]);
      await settle(notifier);
      const log = await deliveries(database, 10, {});
      expect(Object.fromEntries(log.map(({ channel, state }) => [channel, state]))).toEqual({
        ...{ ops: "dead", other: "sent", gone: "dead" },
      });
      expect(log.find(({ channel }) => channel === "gone")?.outcome).toContain('no connection "gone"');
      expect(log.every(({ attempts }) => attempts === 1)).toBe(true);
    });

    it("do not pile up before a channel that is down", async () => {
      const notifier = await started(
        { all: { channels: ["ops"], groupBy: ["id"], immediate: 100, cooldown: "1s" } },
        { maxWaiting: 10 },
      );
      server.answer = (_, response) => void response.writeHead(500).end();
      notifier.alerted(Array.from({ length: 60 }, (_, index) => alert(`a${index}`)));
      await settle(notifier);
      expect(await tally(database)).toEqual({ waiting: 10, dead: 50 });
      expect(server.seen).toHaveLength(1);
    });

    it("come once and within the bounds where several collectors share the work", async () => {
      const [one, two] = [await started(all), await started(all)];
      const alerts = Array.from({ length: 400 }, (_, index) =>
        alert(`a${index}`, { name: `R${index % 20}` }),
      );
      one.alerted(alerts.slice(0, 220));
      two.alerted(alerts.slice(180));
      await Promise.all([settle(one), settle(two)]);
      await Promise.all([settle(one), settle(two)]);
      clock.advance(15 * 60_000);
      await Promise.all([settle(one), settle(two)]);
      await settle(one);
      expect(told().map(({ about }) => about)).toEqual(["alert", "alert", "alert", "digest"]);
      expect(new Set(told().map(({ id }) => id)).size).toBe(4);
      expect(told().reduce((sum, { count }) => sum + count, 0)).toBe(400);
    });

    it("leave the night to sleep, but for the worst", async () => {
      const quietHours = { from: "22:00", to: "06:00", zone: "UTC", except: "critical" };
      const notifier = await started({ all: { channels: ["ops"], quietHours } });
      notifier.alerted([alert("a1"), alert("a2", { name: "Ransom note", severity: "critical" })]);
      await settle(notifier);
      expect(told().map(({ title }) => title)).toEqual(["critical: Ransom note"]);
      for (let hour = 1; hour < 6; hour++) {
        clock.advance(3_600_000);
        await settle(notifier);
      }
      expect(told()).toHaveLength(1);
      clock.advance(3_600_000);
      await settle(notifier);
      expect(told()[1]).toMatchObject({ about: "digest", count: 1 });
    });

    it("look at what the rule says, and tell what it says", async () => {
      const match = { name: ["ssh *"], minSeverity: "high", country: ["NL"], asset: ["web-*"] };
      const threshold = { count: 3, within: "10m" };
      const notifier = await started({
        ...{
          ssh: {
            channels: ["ops"],
            match,
            threshold,
            title: "{{source}} at {{host}}",
            text: "{{log.x}}|{{user}}",
          },
        },
        off: { channels: ["ops"], enabled: false },
      });
      const dutch: Alert = {
        adversary: { ip: "198.51.100.7", user: "root", geolocation: { countryCode: "NL" } },
      };
      const quiet = [
        ...[
          { ...dutch, severity: "medium" },
          { ...dutch, name: "Scan" },
          { ...dutch, dataSource: "db-1" },
          {},
        ],
      ];
      notifier.alerted(quiet.flatMap((more, index) => [1, 2, 3].map((n) => alert(`q${index}-${n}`, more))));
      notifier.alerted([alert("d1", dutch), alert("d2", dutch)]);
      await settle(notifier);
      expect(told()).toEqual([]);
      notifier.alerted([alert("d3", dutch)]);
      await settle(notifier);
      expect(told()).toMatchObject([{ title: "198.51.100.7 at web-1", lines: ["|root", "Rule: ssh"] }]);
    });

    it("have rules that are made and changed while it runs, each change against the version that was seen", async () => {
      const notifier = await started(all);
      await notifier.rules.put("mine", { channels: ["other"] }, 0, clock.now());
      await expect(notifier.rules.put("mine", { channels: ["ops"] }, 0, clock.now())).rejects.toMatchObject({
        code: "connection.conflict",
      });
      await expect(notifier.rules.put("all", { channels: ["ops"] }, 0, clock.now())).rejects.toThrow(
        /configuration/,
      );
      notifier.alerted([alert("a1")]);
      await settle(notifier);
      expect(server.seen.map(({ line }) => line).sort()).toEqual(["POST /ops", "POST /other"]);
      expect(await notifier.rules.remove("mine")).toBe(true);
      notifier.alerted([alert("a2", { name: "New" })]);
      await settle(notifier);
      expect(server.seen).toHaveLength(3);
      clock.advance(3_600_000);
      await settle(notifier);
      expect(await database.selectFrom("notification_windows").select("rule").execute()).toEqual([
        { rule: "all" },
      ]);
    });
  });
});
