import { type Alert, type Event, messageOf } from "@vedette/sdk";
import { noKafka, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRules } from "../../../collector/src/detect/index.ts";
import { alertsIn, batchIdOf, Collector, drained, openBench } from "./support.ts";

const missing = await noKafka();

const start = Date.now() - 50_000;
const failure = (id: string, ms: number, ip: string, user = "root"): Event => ({
  id,
  "@timestamp": new Date(start + ms).toISOString(),
  dataType: "sshd",
  action: "login",
  actionResult: "failed",
  origin: { ip, user },
});

const bruteForce = {
  name: "SSH brute force",
  dataTypes: ["sshd"],
  where: 'equals("actionResult", "failed") && exists("origin.ip")',
  afterEvents: [
    {
      with: [
        { field: "origin.ip", operator: "filter_term", value: "{{.origin.ip}}" },
        { field: "actionResult", operator: "filter_term", value: "failed" },
      ],
      within: "5m",
      count: 10,
    },
  ],
  deduplicateBy: ["adversary.ip"],
};

/** The same by windows: twelve of an address, and so many of its users. A rule that stands beside the first one. */
const windows = `
title: Refused
name: refused
logsource: { category: authentication }
vedette: { dataTypes: [sshd] }
detection: { failed: { actionResult: failed, origin.ip|exists: true }, condition: failed }
---
title: Twelve
id: twelve
correlation: { type: event_count, rules: [refused], group-by: [origin.ip], timespan: 5m, condition: { gte: 12 } }
---
title: Twelve users
id: users
correlation: { type: value_count, rules: [refused], group-by: [origin.ip], timespan: 5m, condition: { field: origin.user, gte: 12 } }
`;
const rulesWithWindows = `${JSON.stringify([bruteForce])}\n---\n${windows}`;
const addressesOf = (alerts: readonly Alert[], rule: string): (string | undefined)[] =>
  alerts
    .filter(({ name }) => name === rule)
    .map(({ adversary }) => adversary?.ip)
    .sort();

describe.skipIf(missing !== undefined)(
  `detection by several collectors${missing ? `: ${missing}` : ""}`,
  () => {
    let bench: Awaited<ReturnType<typeof openBench>>;
    beforeAll(async () => {
      bench = await openBench();
    });
    afterAll(() => bench?.close());

    it("sees a brute force of which no collector alone sees enough, once", async () => {
      const { kafka } = bench;
      const store = await bench.store();
      const common = { kafka, store, rules: rulesWithWindows, topic: "spread", partitions: 6 };
      const collectors = [1, 2, 3].map(() => new Collector(common));
      const ips = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
      // Twelve of each address but the last, of which nine: four, and three, at each collector.
      for (let n = 0; n < 12; n++) {
        const events = ips
          .filter((_, i) => i < 3 || n < 9)
          .map((ip, i) => failure(`${ip}-${n}`, n * 1_000, ip, i === 0 ? `user${n}` : "root"));
        await collectors[n % 3]!.take(events, batchIdOf(n));
      }
      await until("all matches to be taken", () => drained(kafka, "spread"));
      const all = await alertsIn(store);
      const alerts = all.filter(({ name }) => name === bruteForce.name);
      expect(addressesOf(all, bruteForce.name)).toEqual(ips.slice(0, 3));
      expect(addressesOf(all, "Twelve")).toEqual(ips.slice(0, 3));
      expect(addressesOf(all, "Twelve users")).toEqual(ips.slice(0, 1));
      // The sample shows events that came through other collectors.
      expect(alerts.map(({ events }) => events?.length)).toEqual([10, 10, 10]);
      for (const collector of collectors) await collector.stop();
      await store.close();
    });

    it("counts on where an owner is lost in the middle of a window, and raises nothing twice", async () => {
      const { kafka } = bench;
      const store = await bench.store();
      const common = { kafka, store, rules: rulesWithWindows, topic: "lost", partitions: 4 };
      const ips = Array.from({ length: 20 }, (_, i) => `198.51.100.${i}`);
      const lost = new Collector({ ...common, forgetful: true });
      const other = new Collector(common);
      // Some addresses reach the count before the owner is lost, the others after it.
      for (let n = 0; n < 10; n++) {
        const events = ips
          .filter((_, i) => i < 10 || n < 6)
          .map((ip) => failure(`${ip}-${n}`, n * 1_000, ip));
        await other.take(events, batchIdOf(n));
      }
      await until("first alerts", async () => (await alertsIn(store)).length === 10);
      await lost.stop();
      const late = new Collector(common);
      for (let n = 6; n < 12; n++) {
        await late.take(
          ips.map((ip) => failure(`${ip}-${n}`, n * 1_000, ip)),
          batchIdOf(100 + n),
        );
        // A batch whose receipt was lost comes again, to another collector.
        await other.take(
          ips.map((ip) => failure(`${ip}-${n}`, n * 1_000, ip)),
          batchIdOf(100 + n),
        );
      }
      await until("all matches to be taken", () => drained(kafka, "lost"));
      const all = await alertsIn(store);
      const alerts = all.filter(({ name }) => name === bruteForce.name);
      expect(addressesOf(all, bruteForce.name)).toEqual([...ips].sort());
      // The twelfth came after the owner was lost; the rows before it are read back from the topic.
      expect(addressesOf(all, "Twelve")).toEqual([...ips].sort());
      expect(alerts.every(({ events }) => events!.length >= 10)).toBe(true);
      await late.stop();
      await other.stop();
      await store.close();
    });

    it("takes over other rules in the middle of a window: those of before count on, new ones count from then", async () => {
      const { kafka } = bench;
      const store = await bench.store();
      const common = { kafka, store, topic: "changed", partitions: 4, rules: JSON.stringify([bruteForce]) };
      const collectors = [new Collector(common), new Collector(common)];
      const ips = Array.from({ length: 8 }, (_, i) => `192.0.2.${i}`);
      const take = async (from: number, to: number): Promise<void> => {
        for (let n = from; n < to; n++)
          await collectors[n % 2]!.take(
            ips.map((ip) => failure(`${ip}-${n}`, n * 1_000, ip)),
            batchIdOf(n),
          );
      };
      const taken = () => until("all matches", () => drained(kafka, "changed"));
      await take(0, 7);
      await taken();
      const [spec] = bruteForce.afterEvents;
      // Nobody remembered this before.
      const logins = [...spec!.with, { field: "action", operator: "filter_term", value: "login" }];
      const two = { ...bruteForce, name: "Two more", afterEvents: [{ ...spec, with: logins, count: 2 }] };
      const { rules } = parseRules(JSON.stringify([bruteForce, two]));
      for (const { detection } of collectors) await detection.reload(rules);
      await take(7, 8);
      await taken();
      expect(await alertsIn(store)).toEqual([]);
      await take(8, 10);
      await taken();
      const raised = (await alertsIn(store)).map(({ name, adversary }) => `${name}: ${adversary?.ip}`);
      expect(raised.sort()).toEqual(
        [...ips.map((ip) => `SSH brute force: ${ip}`), ...ips.map((ip) => `Two more: ${ip}`)].sort(),
      );
      const counts = collectors.map(({ detection }) => detection.stats().events);
      expect(counts.reduce((sum, each) => sum + each, 0)).toBe(ips.length * 10);
      for (const collector of collectors) await collector.stop();
      await store.close();
    });

    it("refuses a topic that got other partitions, and takes over what the old topic's owners remember", async () => {
      const { kafka } = bench;
      const store = await bench.store();
      const rules = JSON.stringify([bruteForce]);
      const ips = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
      const first = new Collector({ kafka, store, rules, topic: "small", partitions: 2 });
      for (let n = 0; n < 6; n++) {
        await first.take(
          ips.map((ip) => failure(`${ip}-${n}`, n * 1_000, ip)),
          batchIdOf(n),
        );
      }
      await until("all matches to be taken", () => drained(kafka, "small"));
      await first.stop();
      const second = new Collector({ kafka, store, rules, topic: "large", partitions: 5 });
      for (let n = 6; n < 10; n++) {
        await second.take(
          ips.map((ip) => failure(`${ip}-${n}`, n * 1_000, ip)),
          batchIdOf(n),
        );
      }
      await until("all matches to be taken", () => drained(kafka, "large"));
      expect((await alertsIn(store)).map(({ adversary }) => adversary?.ip).sort()).toEqual(ips);
      await second.stop();
      // As if the topic had had more partitions when it was used last.
      const [newest] = await store.query<{ at: string }>("SELECT max(at) + 1 AS at FROM correlation");
      const row = { topic: "large", partition: 0, offset: "999", partitions: 7, matches: 0, record: "" };
      await store.insertRows("correlation", [{ ...row, at: newest?.at, until: newest?.at }], "by hand");
      const third = new Collector({ kafka, store, rules, topic: "large", partitions: 5 });
      await until("the refusal", () =>
        third.log.lines.some(
          ({ fields }) => "error" in fields && messageOf(fields.error).includes("was placed by 7"),
        ),
      );
      await third.stop();
      await store.close();
    });
  },
);
