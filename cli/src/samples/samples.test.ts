import { mkdtemp, readdir, readFile, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { openSamples, startSamples } from "./index.ts";
import { nginxLine } from "./lines.ts";
import { Random } from "./random.ts";
import { Traffic } from "./traffic.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const MINUTE = 60_000;
const folder = () => mkdtemp(join(tmpdir(), "vedette-samples-"));
const linesOf = async (path: string) => (await readFile(path, "utf8")).split("\n").slice(0, -1);
const hour = [...new Traffic(7, 4).between(NOW - 60 * MINUTE, NOW)];

describe("Traffic", () => {
  it("is the same for the same seed, and not for another", () => {
    const first = [...new Traffic(1, 4).between(NOW, NOW + MINUTE)];
    expect([...new Traffic(1, 4).between(NOW, NOW + MINUTE)]).toEqual(first);
    expect([...new Traffic(2, 4).between(NOW, NOW + MINUTE)]).not.toEqual(first);
  });

  it("does not depend on how the time is cut, except for the seconds cut apart", () => {
    const whole = [...new Traffic(1, 4).between(NOW, NOW + MINUTE)];
    const traffic = new Traffic(1, 4);
    expect([...traffic.between(NOW, NOW + 30_500), ...traffic.between(NOW + 30_500, NOW + MINUTE)]).toEqual(
      whole,
    );
  });

  it("holds normal use and attacks of every kind that the first rules find", () => {
    const has = (pattern: RegExp) => hour.filter((line) => pattern.test(line.text)).length;
    expect(has(/"GET \/products HTTP\/1.1" 200 /)).toBeGreaterThan(100);
    expect(has(/Accepted publickey for alice from 91\.12\.40\./)).toBeGreaterThan(5);
    expect(has(/Failed password for root from/)).toBeGreaterThan(10);
    expect(has(/Failed password for invalid user/)).toBeGreaterThan(50);
    expect(has(/Accepted password for deploy from (?!91\.12\.40\.)/)).toBeGreaterThan(0);
    expect(has(/"GET \/\.env HTTP\/1.1" 40[34] /)).toBeGreaterThan(5);
    expect(has(/jndi:ldap/)).toBeGreaterThan(0);
    expect(has(/\.\.\/etc\/passwd/)).toBeGreaterThan(0);
  });

  it("shows each attack at least twice in every twenty minutes", () => {
    for (let start = NOW - 60 * MINUTE; start + 20 * MINUTE <= NOW; start += MINUTE) {
      const window = hour.filter((line) => line.at >= start && line.at < start + 20 * MINUTE);
      const minutes = (pattern: RegExp) =>
        new Set(window.filter((line) => pattern.test(line.text)).map((line) => Math.floor(line.at / MINUTE)))
          .size;
      expect(minutes(/\/\.git\/config/)).toBeGreaterThanOrEqual(2);
      expect(minutes(/Failed password for invalid user/)).toBeGreaterThanOrEqual(2);
    }
  });

  it("keeps to its rate", () => {
    const ordinary = hour.filter(
      (line) => line.file !== "auth.log" && !/zgrab|python|curl|Go-http/.test(line.text),
    );
    expect(ordinary.length / 3600).toBeGreaterThan(3);
    expect(ordinary.length / 3600).toBeLessThan(5);
    expect([...new Traffic(1, 100).between(NOW, NOW + 10_000)].length).toBeGreaterThan(600);
    expect(
      [...new Traffic(1, 0).between(NOW - 8 * MINUTE, NOW)].every(
        (line) => line.file !== "traefik/access.json",
      ),
    ).toBe(true);
  });

  it("names only example hosts", () => {
    const hosts = hour.flatMap((line) => [
      ...line.text.matchAll(/https?:\/\/([^/"]+)|"RequestHost":"([^"]+)"/g),
    ]);
    expect(
      new Set(hosts.map((match) => (match[1] ?? match[2] ?? "").replace(/^.*?(example\.net)$/, "$1"))),
    ).toEqual(new Set(["example.net"]));
  });
});

describe("openSamples", () => {
  it("writes history up to now, in order, then what is new", async () => {
    const dir = await folder();
    const clock = manualClock(NOW);
    const samples = await openSamples(dir, { clock });
    expect(samples.files.map((file) => file.dataType)).toEqual(["nginx", "sshd", "traefik"]);
    expect(samples.written).toBeGreaterThan(3_000);
    const auth = await linesOf(join(dir, "auth.log"));
    const times = auth.map((line) => line.split(" ")[0] ?? "");
    expect(times[0]).toMatch(/^2026-11-22T11:4/);
    expect((times.at(-1) ?? "") <= "2026-11-22T12:00:01").toBe(true);
    const before = samples.written;
    await samples.advance();
    expect(samples.written).toBe(before);
    clock.advance(10_000);
    await samples.advance();
    expect(samples.written).toBeGreaterThan(before);
    clock.advance(-MINUTE);
    await samples.advance();
    clock.advance(24 * 60 * MINUTE);
    const atGap = samples.written;
    await samples.advance();
    expect(samples.written - atGap).toBeLessThan(5_000);
    for (const line of await linesOf(join(dir, "traefik/access.json")))
      expect(JSON.parse(line)).toHaveProperty("ClientHost");
    await samples.close();
  });

  it("goes on where a run before has ended", async () => {
    const dir = await folder();
    const first = await openSamples(dir, { clock: manualClock(NOW) });
    await first.close();
    for (const { path } of first.files) await utimes(path, NOW / 1000, NOW / 1000);
    const second = await openSamples(dir, { clock: manualClock(NOW + 5_000) });
    expect(second.written).toBeLessThan(200);
    await second.close();
  });

  it("rotates by rename and stays within its bound", async () => {
    const dir = await folder();
    const clock = manualClock(NOW);
    const maxBytes = 200_000;
    const samples = await openSamples(dir, { clock, maxBytes, rate: 20 });
    for (let count = 0; count < 60; count++) {
      clock.advance(MINUTE);
      await samples.advance();
    }
    await samples.close();
    expect(await readdir(join(dir, "nginx"))).toEqual(["access.log", "access.log.1"]);
    expect((await stat(join(dir, "nginx/access.log"))).size).toBeLessThan(2 * maxBytes);
  });
});

it("runs until it is told to stop", async () => {
  const stop = new AbortController();
  const dir = await folder();
  const running = await startSamples(dir, { signal: stop.signal, clock: { now: Date.now } });
  expect(running.history).toBeGreaterThan(3_000);
  stop.abort();
  await running.done;
});

it("escapes as nginx does", () => {
  const request = {
    at: NOW,
    ip: "192.0.2.1",
    method: "GET",
    path: '/"\\\u0001é',
    status: 200,
    bytes: 1,
    referer: "-",
    agent: "-",
  };
  expect(nginxLine(request)).toBe(
    '192.0.2.1 - - [22/Nov/2026:12:00:00 +0000] "GET /\\x22\\x5C\\x01é HTTP/1.1" 200 1 "-" "-"',
  );
});

it("draws numbers evenly", () => {
  const random = new Random(3);
  const sum = Array.from({ length: 10_000 }, () => random.poisson(4)).reduce(
    (total, value) => total + value,
    0,
  );
  expect(sum / 10_000).toBeCloseTo(4, 0);
});
