import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Telemetry } from "@vedette/core/telemetry";
import { type Alert, createEgress, type Event, egressSettings } from "@vedette/sdk";
import { eventually, manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { intelConfig } from "../../config/index.ts";
import { createDetector, parseRules } from "../../detect/index.ts";
import { batchFrom } from "../../detect/testing/events.ts";
import { openEnrichStage } from "../index.ts";
import { Intel, intelMetrics } from "./index.ts";

const start = Date.UTC(2026, 0, 10);
let dir: string;
const stops: (() => Promise<unknown> | unknown)[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-intel-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(dir, { recursive: true });
});

function intelOf(lists: readonly object[], allow: string[] = []) {
  const clock = manualClock(start);
  const log = recordingLogger();
  const intel = new Intel(intelConfig.parse({ lists }), {
    stateDir: dir,
    baseDir: dir,
    egress: createEgress(egressSettings.parse({ allow })),
    clock,
    log,
    signal: new AbortController().signal,
  });
  stops.push(() => intel.stop());
  return { intel, clock, log };
}

const write = (name: string, lines: readonly string[]) =>
  writeFileSync(join(dir, name), `${lines.join("\n")}\n`);

describe("a list from a file", () => {
  it("holds addresses, networks, domains and hashes, and nothing beside them", async () => {
    write("a.txt", [
      "# a comment",
      "203.0.113.7  first seen 2026",
      "198.51.100.0/24",
      "198.51.100.128/25",
      "2001:db8:bad::/48",
      "::ffff:192.0.2.9",
      "Evil.Example.org",
      "*.wild.example",
      "0123456789ABCDEF0123456789ABCDEF",
      "not an entry",
    ]);
    const { intel, log } = intelOf([{ name: "a", file: "a.txt" }]);
    await intel.load();
    const inside = [
      ...[
        "203.0.113.7",
        "198.51.100.0",
        "198.51.100.255",
        "2001:db8:bad::1",
        "192.0.2.9",
        "::ffff:203.0.113.7",
      ],
      ...["evil.example.org", "a.b.EVIL.example.org.", "x.wild.example", "0123456789abcdef0123456789abcdef"],
      ...["https://user@evil.example.org:8443/x?y=1", "http://[2001:db8:bad::2]/"],
    ];
    const outside = [
      ...[
        "203.0.113.8",
        "198.51.101.0",
        "198.51.99.255",
        "2001:db8:bae::1",
        "example.org",
        "notevil.example.org",
      ],
      ...[
        "0123456789abcdef0123456789abcdee",
        "",
        "-",
        "evil",
        "203.0.113.7.example.org",
        "https://example.org/evil.example.org",
      ],
    ];
    expect(inside.filter((each) => intel.find(each).length === 0)).toEqual([]);
    expect(outside.filter((each) => intel.find(each).length > 0)).toEqual([]);
    expect(intel.status()).toMatchObject([{ name: "a", entries: 8, unread: 1, problem: undefined }]);
    const telemetry = new Telemetry();
    intelMetrics(telemetry, () => intel.status());
    const metrics = telemetry.render();
    expect(metrics).toContain('vedette_list_entries{list="a"} 8');
    expect(metrics).toContain('vedette_list_left_out{list="a",why="unread"} 1');
    expect(metrics).toContain(`vedette_list_checked_timestamp_seconds{list="a"} ${start / 1_000}`);
    expect(metrics).toContain('vedette_list_failing{list="a"} 0');
    expect(JSON.stringify(log.lines)).toContain("not an entry");
  });

  it("forgets entries when their time is over, and a network around them goes on", async () => {
    write("b.csv", [
      "ip,until,why",
      '"203.0.113.7",2026-01-10T01:00:00Z,"a, b"',
      `203.0.113.8,${start / 1_000 + 7_200},x`,
      "198.51.100.0/24,,x",
      "198.51.100.7,2026-01-10T01:00:00Z,x",
      "evil.example.org,2026-01-10T01:00:00Z,x",
    ]);
    const { intel, clock } = intelOf([{ name: "b", file: "b.csv", format: "csv", expiresColumn: 2 }]);
    await intel.load();
    const asked = ["203.0.113.7", "203.0.113.8", "198.51.100.7", "evil.example.org"];
    const found = () => asked.filter((each) => intel.find(each).length > 0);
    expect(found()).toEqual(asked);
    clock.advance(3_600_000);
    expect(found()).toEqual(["203.0.113.8", "198.51.100.7"]);
    clock.advance(3_600_000);
    expect(found()).toEqual(["198.51.100.7"]);
  });

  it("is bounded in entries and size, and a list that cannot be read keeps what it held", async () => {
    write("c.txt", ["203.0.113.1", "203.0.113.2", "203.0.113.3"]);
    const { intel } = intelOf([
      { name: "few", file: "c.txt", maxEntries: 2 },
      { name: "gone", file: "missing.txt" },
    ]);
    await intel.load();
    expect(intel.status()).toMatchObject([
      { entries: 2, beyond: 1 },
      { entries: 0, problem: expect.stringContaining("missing.txt") },
    ]);
    expect(intel.find("203.0.113.3")).toEqual([]);
    expect(intel.health().status).toBe("warning");
    rmSync(join(dir, "c.txt"));
    await intel.load();
    expect(intel.find("203.0.113.1")).toEqual(["few"]);
  });

  it("is strict in its configuration", () => {
    const bad = [
      { name: "Upper", file: "x" },
      { name: "both", file: "x", url: "http://example.org/" },
      { name: "none" },
      { name: "columns", file: "x", column: 2 },
      { name: "scheme", url: "file:///etc/passwd" },
      { name: "unknown", file: "x", every: 1 },
    ];
    for (const list of bad) expect(intelConfig.safeParse({ lists: [list] }).success, list.name).toBe(false);
    const twice = { name: "a", file: "x" };
    expect(intelConfig.safeParse({ lists: [twice, twice] }).success).toBe(false);
  });
});

describe("a list from a URL", () => {
  let server: Server;
  let body = "203.0.113.7\n";
  let seen: (string | undefined)[] = [];
  let status = 200;

  async function serve(): Promise<string> {
    seen = [];
    status = 200;
    server = createServer((request, response) => {
      seen.push(request.headers["if-none-match"]);
      const etag = `"${body.length}"`;
      if (status !== 200) response.writeHead(status).end();
      else if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag }).end(body);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    stops.push(() => new Promise((done) => server.close(done)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`;
  }

  it("is fetched through the guarded way out, kept as a copy, asked for with its ETag, and counts no more when stale", async () => {
    const url = await serve();
    const config = { name: "u", url, staleHours: 24 };
    const refused = intelOf([config]);
    refused.intel.start();
    await eventually("it to settle", () => refused.intel.status()[0]?.problem !== undefined);
    expect(seen).toEqual([]);

    const first = intelOf([config], ["127.0.0.1"]);
    await first.intel.load();
    expect(first.intel.find("203.0.113.7")).toEqual([]);
    first.intel.start();
    await eventually("it to settle", () => first.intel.find("203.0.113.7").length > 0);

    // A collector that starts again has the copy before it asks, and the answer costs no body.
    const second = intelOf([config], ["127.0.0.1"]);
    await second.intel.load();
    expect(second.intel.find("203.0.113.7")).toEqual(["u"]);
    second.intel.start();
    await eventually("it to settle", () => seen.length === 2);
    expect(seen).toEqual([undefined, '"12"']);

    second.clock.advance(25 * 3_600_000);
    expect(second.intel.find("203.0.113.7")).toEqual([]);
  });

  it("stays as it was where the answer is an error or too large", async () => {
    const url = await serve();
    const config = { name: "u", url, maxMiB: 1 };
    const first = intelOf([config], ["127.0.0.1"]);
    first.intel.start();
    await eventually("it to settle", () => first.intel.find("203.0.113.7").length > 0);
    for (const worse of [
      () => {
        status = 503;
      },
      () => {
        status = 200;
        body = "203.0.113.8\n".repeat(100_000);
      },
    ]) {
      worse();
      const next = intelOf([config], ["127.0.0.1"]);
      await next.intel.load();
      next.intel.start();
      await eventually("it to settle", () => next.intel.status()[0]?.problem !== undefined);
      expect(next.intel.find("203.0.113.7")).toEqual(["u"]);
      expect(next.intel.find("203.0.113.8")).toEqual([]);
    }
    body = "203.0.113.7\n";
  });
});

describe("events", () => {
  const event = (id: string, origin: string, domain?: string): Event => ({
    id,
    dataType: "test",
    "@timestamp": new Date(start).toISOString(),
    origin: { ip: origin },
    ...(domain === undefined ? {} : { target: { domain } }),
    raw: id,
  });

  it("say which lists hold them, in a batch and one by one, and rules ask a list as it is then", async () => {
    write("bad.txt", ["203.0.113.7", "evil.example.org"]);
    write("other.txt", ["203.0.113.0/24"]);
    const { intel, clock, log } = intelOf([
      { name: "other", file: "other.txt" },
      { name: "bad", file: "bad.txt" },
    ]);
    await intel.load();
    const deps = { clock, log, signal: new AbortController().signal, intel };
    const stage = await openEnrichStage([], {}, deps as never);
    const events = [
      event("1", "203.0.113.7", "x.evil.example.org"),
      event("2", "192.0.2.1"),
      event("3", "203.0.113.9"),
    ];
    const batch = stage.enrich(batchFrom(events));
    const column = (path: string) => {
      const found = batch.columns.get(path);
      if (found?.kind !== "text") return undefined;
      const { keys, index } = found.codes();
      return Array.from(index, (code) => keys[code]);
    };
    expect(column("log.intel.lists")).toEqual(["bad,other", "", "other"]);
    expect(column("log.intel.fields")).toEqual(["origin.ip,target.domain", "", "origin.ip"]);
    expect(events.map((each) => stage.enrichEvent(structuredClone(each)).log?.intel)).toEqual([
      { lists: "bad,other", fields: "origin.ip,target.domain" },
      undefined,
      { lists: "other", fields: "origin.ip" },
    ]);
    const clean = batchFrom([event("4", "192.0.2.1")]);
    expect(stage.enrich(clean).columns.has("log.intel.lists")).toBe(false);

    const rule = (where: string) => `{ name: x, dataTypes: [test], where: '${where}' }`;
    const { rules, problems } = parseRules(rule('onList("origin.ip", "bad")'), "rule.yaml", { lists: intel });
    expect(problems).toEqual([]);
    const detector = () => createDetector({ rules, deps: { clock, log } });
    const hits = (alerts: readonly Alert[]) => alerts.map((each) => each.lastEvent?.id);
    expect(hits(detector().process(batchFrom(events)))).toEqual(["1"]);
    expect(hits(events.flatMap((each) => [...detector().processEvent(each)]))).toEqual(["1"]);
    write("bad.txt", ["192.0.2.1"]);
    await intel.load();
    expect(hits(detector().process(batchFrom(events)))).toEqual(["2"]);

    const wrong = parseRules(rule('onList("origin.ip", "bat")'), "rule.yaml", { lists: intel });
    expect(wrong.problems[0]?.message).toContain("other, bad");
  });
});
