import { join } from "node:path";
import { pause, until } from "@vedette/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { Journal, noJournal } from "../../plugins/journald/testing/journal.ts";
import { Mosquitto, noMosquitto } from "../../plugins/mqtt/testing/mosquitto.ts";
import { KilledAgent } from "./support/killed-agent.ts";

const total = 3_000;
const kills = 6;
const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `number ${from + index}`);

let agent: KilledAgent | undefined;
afterEach(() => agent?.stop());

/** Feeds numbered logs and kills the agent amid each part of them; in the end each was delivered once. */
async function killAmidWork(
  subject: KilledAgent,
  feed: (from: number, count: number) => Promise<void>,
): Promise<void> {
  const part = Math.ceil(total / (kills + 1));
  const feeding: Promise<void>[] = [];
  for (let from = 0; from < total; from += part) {
    const before = subject.delivered().length;
    feeding.push(feed(from, Math.min(part, total - from)));
    await until(`work on part ${from}`, () => subject.delivered().length > before, { everyMs: 5 });
    await pause((feeding.length - 1) * 10);
    if (from + part < total) await subject.kill();
  }
  await Promise.all(feeding);
  const distinct = () => new Set(subject.delivered().map(({ raw }) => raw)).size;
  await until("everything to be delivered", () => distinct() >= total).catch((error: unknown) => {
    throw new Error(`${String(error)} ${distinct()} came.\n${subject.log()}`);
  });
  await pause(500);
  const delivered = subject.delivered();
  expect(delivered.map(({ raw }) => raw).sort()).toEqual(numbered(0, total).sort());
  expect(new Set(delivered.map(({ id }) => id)).size).toBe(total);
  expect(subject.kills).toBe(kills);
}

describe.skipIf(noMosquitto !== undefined)(`MQTT ${noMosquitto ?? ""}`, () => {
  it.each([
    { qos: 1, protocol: "3.1.1" },
    { qos: 2, protocol: "3.1.1" },
    { qos: 1, protocol: "5" },
  ])("$protocol, QoS $qos: what a broker was given comes once, whenever the agent is killed", async (how) => {
    const broker = await Mosquitto.start();
    try {
      const settings = { url: broker.url, topics: ["numbers/#"], ...how, reconnectSeconds: 0.05 };
      agent = await KilledAgent.start([{ type: "mqtt", dataType: "numbered", ackWithinMs: 5, ...settings }]);
      // What is published before anyone has subscribed is given to nobody.
      await until("the subscription", () => agent?.log().includes("Connected to an MQTT broker."));
      await killAmidWork(agent, (from, count) =>
        broker.publish("numbers/all", numbered(from, count), "-q", String(how.qos)),
      );
      expect(agent.delivered().at(-1)?.input).toEqual({ topic: "numbers/all" });
    } finally {
      await broker.down();
    }
  });
});

describe.skipIf(noJournal !== undefined)(`journald ${noJournal ?? ""}`, () => {
  it("every entry comes once, whenever the agent is killed", async () => {
    const journal = new Journal();
    const entries = (from: number, count: number) =>
      numbered(from, count).map((MESSAGE) => ({ MESSAGE, SYSLOG_IDENTIFIER: "app", PRIORITY: "6" }));
    agent = await KilledAgent.start([
      { type: "journald", dataType: "numbered", format: "message", files: [join(journal.dir, "*.journal")] },
    ]);
    let writing = Promise.resolve();
    await killAmidWork(agent, (from, count) => {
      // One writer at a time, in the order of the numbers.
      writing = writing.then(() => journal.write(entries(from, count)));
      return writing;
    });
    expect(agent.delivered().at(-1)?.input).toMatchObject({ identifier: "app" });
  });
});
