import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import {
  type Alert,
  type Asset,
  asset,
  type ConnectionDeps,
  type Egress,
  type Event,
  type PluginContext,
} from "@vedette/sdk";
import { eventually } from "@vedette/sdk/testing";
import { afterAll, describe, expect, it } from "vitest";
import { pluginContext } from "../_assets/testing/context.ts";
import { channelDeps } from "../_channel/testing/loopback.ts";
import { Mosquitto, noMosquitto } from "../mqtt/testing/mosquitto.ts";
import { Broker, brokerConnection } from "./client.ts";
import { assetEntities, noCounts, ownEntities, slugOf } from "./entities.ts";
import { homeAssistant } from "./index.ts";
import type { Settings } from "./settings.ts";

const places = { discoveryPrefix: "homeassistant", topicPrefix: "vedette" };
const made = (id: string, name: string, apps: object[] = []): Asset => asset.parse({ id, name, apps });

describe("entities", () => {
  it("have identifiers that Home Assistant takes, and of their own where names read alike", () => {
    const names = ["A b", "a-b", "a_b", "漢字", "漢", "", "x".repeat(500), "ä", "a/b#+"];
    const slugs = names.map((name) => slugOf(name));
    expect(new Set(slugs).size).toBe(names.length);
    for (const slug of slugs) expect(slug).toMatch(/^[a-z0-9_]{1,60}$/);
  });

  it("are an update for each program that has a version, which is there only where it is newer", () => {
    const apps = [
      { name: "Web", version: "v1.2", latestVersion: "1.2", updateAvailable: false },
      {
        name: "Cloud",
        version: "1.2",
        latestVersion: "1.10",
        latestUrl: "https://x/y",
        updateAvailable: true,
      },
      { name: "Odd", version: "main", latestVersion: "2.0" },
      ...[{ name: "Unknown" }, { name: "Gone", version: "1", active: false }],
    ];
    const kept = assetEntities(places, made("1", "nas", apps), true);
    const states = kept.filter(({ topic }) => topic.startsWith("vedette/apps/"));
    expect(states.map(({ payload }) => JSON.parse(payload))).toEqual([
      { installed_version: "v1.2", latest_version: "v1.2", title: "Web" },
      { installed_version: "1.2", latest_version: "1.10", title: "Cloud", release_url: "https://x/y" },
      { installed_version: "main", latest_version: "main", title: "Odd" },
    ]);
    const configs = kept.filter(({ topic }) => topic.endsWith("/config"));
    for (const { topic, payload } of configs) {
      expect(topic).toMatch(/^homeassistant\/(update|binary_sensor)\/vedette\/[a-z0-9_]+\/config$/);
      expect(JSON.parse(payload)).toMatchObject({
        availability_topic: "vedette/availability",
        device: { via_device: "vedette" },
      });
    }
    const ids = [...configs, ...ownEntities(places, noCounts, 60)].flatMap(({ payload }) => {
      const { unique_id: id } = JSON.parse(payload) as { unique_id?: string };
      return id === undefined ? [] : [id];
    });
    expect(new Set(ids).size).toBe(ids.length);
  });
});

/** What a client of the broker sees, by topic; an empty payload takes a topic away. */
class Watcher {
  readonly topics = new Map<string, string>();
  readonly seen: { readonly topic: string; readonly payload: string }[] = [];
  readonly #child;
  constructor(port: number) {
    const args = ["-h", "127.0.0.1", "-p", String(port), "-t", "#", "-q", "1", "-F", "%t\t%p"];
    this.#child = spawn("/usr/bin/mosquitto_sub", args, { stdio: ["ignore", "pipe", "ignore"] });
    let rest = "";
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [topic = "", payload = ""] = line.split("\t");
        this.seen.push({ topic, payload });
        if (payload === "") this.topics.delete(topic);
        else this.topics.set(topic, payload);
      }
    });
  }
  of(part: string): string[] {
    return [...this.topics.keys()].filter((topic) => topic.includes(part));
  }
  end(): void {
    this.#child.kill("SIGKILL");
  }
}

describe.skipIf(noMosquitto)("Home Assistant, over a real broker", () => {
  const closing: (() => unknown)[] = [];
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  const start = async (settings: object = {}) => {
    const mosquitto = await Mosquitto.start();
    closing.push(() => mosquitto.down("SIGKILL"));
    // What is kept comes with the subscription: from then on nothing is missed.
    await mosquitto.publish("probe", ["kept"], "-r");
    const watcher = new Watcher(mosquitto.port);
    closing.push(() => watcher.end());
    await eventually("the subscription", () => watcher.topics.has("probe"));
    const plain = brokerConnection.settings.parse({
      ...{ host: "127.0.0.1", port: mosquitto.port, security: "dangerouslyPlain" },
    });
    const assets: Asset[] = [];
    const to = pluginContext<Settings>(
      homeAssistant,
      { enabled: true, broker: "main", ...settings },
      { assets },
    );
    const open = () => {
      const { egress, ...rest } = channelDeps();
      const sockets: Socket[] = [];
      const connect: Egress["connect"] = async (at) => {
        const socket = await egress.connect(at);
        sockets.push(socket);
        return socket;
      };
      const deps: ConnectionDeps = { ...rest, egress: { ...egress, connect }, clock: to.clock };
      const broker = new Broker(plain, deps);
      closing.push(() => broker.close());
      const context: PluginContext<Settings> = { ...to.context, connection: async () => broker as never };
      return {
        ...{ broker, context, sockets },
        tick: async () => await homeAssistant.periodic!.tick(context),
        event: async (event: Event) => await homeAssistant.export!.event!(event, context),
        alert: async (alert: Alert) => await homeAssistant.correlate!.correlate(alert, context),
        asset: async (manual: boolean) => await homeAssistant.export!.asset!(assets[0]!, context, manual),
      };
    };
    return { ...to, mosquitto, watcher, assets, plain, open };
  };
  const web = { name: "Web", version: "1.0", latestVersion: "1.1", updateAvailable: true };

  it("shows what there is, keeps it up to date, and removes what is stale, after a restart too", async () => {
    const { watcher, assets, open, log } = await start();
    assets.push(made("1", "nas", [web]), made("2", "pi", [{ name: "Dns", version: "2" }]));
    const first = open();
    await first.tick();
    await eventually(
      "entities",
      () => watcher.of("/update/").length === 2 && watcher.of("apps/").length === 2,
    );
    expect(watcher.topics.get("vedette/availability")).toBe("online");
    expect(watcher.of("homeassistant/sensor/vedette/")).toHaveLength(8);
    const said = watcher.seen.length;
    await first.tick();
    assets[0] = made("1", "nas", [{ ...web, version: "1.1", updateAvailable: false }]);
    await first.tick();
    await first.asset(false);
    await first.tick();
    const state = watcher.of("apps/nas_web")[0]!;
    await eventually(
      "the new version",
      () => watcher.topics.get(state)?.includes('"installed_version":"1.1"') === true,
    );
    expect(watcher.seen.length).toBe(said + 1);
    await first.broker.close();
    await eventually("offline", () => watcher.topics.get("vedette/availability") === "offline");
    assets.pop();
    const second = open();
    await second.tick();
    await eventually("removal", () => watcher.of("/update/").length === 1 && watcher.of("pi_").length === 0);
    expect(watcher.topics.get("vedette/availability")).toBe("online");
    expect(await homeAssistant.health!(second.context)).toMatchObject({ status: "healthy" });
    expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("tells of alerts, events and actions, counts them across restarts, and holds a flood back", async () => {
    const { watcher, open, clock, log } = await start({ messagesPerMinute: 10, alarmSeverity: "medium" });
    const first = open();
    const ban = { eventType: "security.ban", origin: { ip: "203.0.113.9" } };
    await first.event(ban);
    await first.event({ eventType: "security.geoblock", raw: "secret raw" });
    await first.event({ eventType: "action.failed", action: 'ban "x"\n' });
    await first.event({ eventType: "action.refused", action: "ban" });
    await first.alert({ id: "a1", name: "SSH", severity: "low", adversary: { ip: "203.0.113.9" } });
    await first.alert({ id: "a2", name: "Root", severity: "high" });
    await first.tick();
    await eventually("counts", () => watcher.topics.get("vedette/counts") !== undefined);
    expect(JSON.parse(watcher.topics.get("vedette/counts")!)).toEqual({
      ...{ securityEvents: 2, bans: 1, geoblocks: 1, alerts: 2, highAlerts: 1, actions: 1, failedActions: 1 },
    });
    const told = (topic: string) =>
      watcher.seen.filter((each) => each.topic === topic).map(({ payload }) => JSON.parse(payload) as object);
    // The broker keeps the order of a client's messages: with the counts, which came last, all came.
    expect(told("vedette/events")).toMatchObject([{ type: "security.ban", ip: "203.0.113.9" }, {}]);
    expect(JSON.stringify(watcher.seen)).not.toContain("secret raw");
    expect(told("vedette/actions")).toMatchObject([{ type: "action.failed" }, { type: "action.refused" }]);
    expect(told("vedette/alerts")).toMatchObject([{ name: "SSH", severity: "low" }, { name: "Root" }]);
    expect(told("vedette/alert_event").at(-1)).toMatchObject({ event_type: "high", name: "Root" });
    expect(watcher.seen.filter(({ topic }) => topic === "vedette/alarm")).toEqual([
      { topic: "vedette/alarm", payload: "ON" },
    ]);
    expect(JSON.parse(watcher.topics.get("vedette/last_alert")!)).toMatchObject({ name: "Root" });
    for (let at = 0; at < 20; at++) await first.event(ban);
    await first.tick();
    expect(told("vedette/events").length).toBeLessThanOrEqual(10);
    expect(log.lines.find(({ level }) => level === "warn")?.fields).toEqual({ messages: 16 });
    await first.broker.close();
    clock.advance(60_000);
    const second = open();
    await second.event(ban);
    await second.tick();
    await eventually(
      "counts after a restart",
      () => watcher.topics.get("vedette/counts")?.includes('"bans":22') === true,
    );
  });

  it("says everything again to a broker that was away, and is missed by one when it is killed", async () => {
    const { mosquitto, watcher, assets, open, clock } = await start();
    assets.push(made("1", "nas", [web]));
    const first = open();
    await first.tick();
    watcher.end();
    await mosquitto.down();
    const failures: unknown[] = [];
    await eventually("the loss", async () => {
      await first.tick().catch((error: unknown) => failures.push(error));
      return failures.length > 1;
    });
    for (const failure of failures)
      expect(failure).toMatchObject({
        ...{ code: "plugin.failed", verdict: { verdict: "retry" } },
        message: expect.stringMatching(/^The broker cannot be reached/),
      });
    await mosquitto.up();
    clock.advance(6_000);
    const again = new Watcher(mosquitto.port);
    closing.push(() => again.end());
    await eventually("the broker to remember", () => again.of("/update/").length === 1);
    const seen = again.seen.length;
    await first.tick();
    await eventually("all of it", () => again.seen.length >= seen * 2 - 2);
    for (const socket of first.sockets) socket.destroy();
    await eventually("the last will", () => again.topics.get("vedette/availability") === "offline");
  });

  it("publishes by hand only when a person asks", async () => {
    const { watcher, assets, open } = await start({ publish: "manual" });
    const first = open();
    await first.tick();
    assets.push(made("1", "nas", [web]));
    await first.asset(false);
    await first.tick();
    expect(watcher.of("/update/")).toEqual([]);
    await first.asset(true);
    await first.tick();
    await eventually("the update", () => watcher.of("/update/").length === 1);
  });
});

it("without a broker says so, and does nothing", async () => {
  const { context } = pluginContext<Settings>(homeAssistant, { enabled: true });
  await homeAssistant.periodic!.tick(context);
  await homeAssistant.export!.event!({ eventType: "security.ban" }, context);
  expect(await homeAssistant.health!(context)).toMatchObject({ status: "warning" });
});
