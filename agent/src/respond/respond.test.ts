import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Telemetry } from "@vedette/core/telemetry";
import { type Command, CommandSchema, Report_Outcome } from "@vedette/proto";
import { parsePrefix, prefixText, systemClock } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentConfig, type NftablesConfig } from "../config/index.ts";
import { until } from "../testing/until.ts";
import { Executor } from "./executor.ts";
import { BanJournal } from "./journal.ts";
import { HostGuard } from "./never.ts";
import { NftTable } from "./nft.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-nft-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Whether this machine lets a test have a network of its own with nftables in it. */
const canNft = ((): boolean => {
  try {
    execFileSync("unshare", ["-n", "nft", "add", "table", "inet", "probe"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const config = (more: object = {}): NftablesConfig =>
  agentConfig.parse({ respond: { nftables: { table: "test", ...more } } }).respond!.nftables;

const range = (text: string) => parsePrefix(text)!;

function program(name: string, script: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function executorOf(
  settings: NftablesConfig,
  { clock = systemClock, stateDir = mkdtempSync(join(dir, "state-")) } = {},
) {
  const log = recordingLogger();
  const table = new NftTable(settings, log);
  const files = {
    resolvers: join(dir, "resolv.conf"),
    routes4: join(dir, "route"),
    routes6: join(dir, "r6"),
  };
  writeFileSync(files.resolvers, "# none\nnameserver 9.9.9.9\nnameserver 2620:fe::fe%eth0\n");
  writeFileSync(
    files.routes4,
    "Iface\tDestination\tGateway\nlo\t00000000\t0100A8C0\nlo\t00000000\t04030201\n",
  );
  writeFileSync(files.routes6, "00 00 00 00 26064700000000000000000000001111 00\n");
  const guard = new HostGuard(settings, ["collector.invalid:1", "8.8.4.4:8601"], { now: clock.now, files });
  const executor = new Executor(settings, {
    ...{ table, guard, journal: await BanJournal.open(stateDir, clock.now), clock, log },
    telemetry: new Telemetry(),
  });
  let number = 0n;
  const run = async (verb: Command["verb"]) => {
    const { outcome, message, changed, active } = await executor.run(
      create(CommandSchema, { number: ++number, verb }),
    );
    const word = Object.entries(Report_Outcome).find(([, value]) => value === outcome)?.[0];
    return { word, message, changed, active: active.map((each) => [each.target, each.secondsLeft]) };
  };
  const ban = (target: string, ttlSeconds = 60) =>
    run({ case: "ban", value: { target, ttlSeconds } as never });
  const unban = (target: string) => run({ case: "unban", value: { target } as never });
  const list = () => run({ case: "list", value: {} as never });
  return { ban, unban, list, log, stateDir, restore: () => executor.restore() };
}

describe("the agent's guard of bans", () => {
  const made = executorOf(
    config({ program: program("unused", "exit 99"), never: ["11.22.33.0/24", "host:db-1"] }),
  );
  it.each([
    ["127.0.0.1", /this machine/],
    ["10.1.2.3", /not a public address/],
    ["11.22.33.44", /the agent's configuration says so/],
    ["2002:b16:212c::/64", /must not be touched|not a public/],
    ["64:ff9b::b16:212c", /must not be touched|not a public/],
    ["9.9.9.9", /resolver/],
    ["2620:fe::/64", /resolver/],
    ["1.2.3.4", /gateway/],
    ["2606:4700::/64", /gateway/],
    ["8.8.4.4", /collector/],
    ["8.8.4.0/24", /collector/],
    ["0.0.0.0/0", /is or holds/],
    ["45.0.0.0/8", /wider/],
    ["45.9.148.07", /one form/],
    ["45.9.148.7/32", /one form/],
    ["45.9.148.7/24", /one form/],
    ["::ffff:45.9.148.7", /one form/],
    ["2A0A:4CC0::1", /one form/],
    ["45.9.148.7; flush ruleset", /one form/],
    ["45.9.148.7 }\nflush ruleset\n", /one form/],
  ])("refuses %j", async (target, why) => {
    const { ban } = await made;
    expect(await ban(target)).toMatchObject({
      word: "REFUSED",
      changed: false,
      message: expect.stringMatching(why),
    });
  });

  it("refuses times out of its bounds, and takes no junk when lifting", async () => {
    const { ban, unban } = await made;
    for (const ttl of [0, 604_801]) expect(await ban("45.9.148.7", ttl)).toMatchObject({ word: "REFUSED" });
    expect(await unban("x")).toMatchObject({ word: "REFUSED" });
  });
});

describe("what nft answers", () => {
  it.each([
    ["it is not there", "/nowhere/nft", "FAILED", /cannot be run/],
    [
      "it may not",
      program("eperm", "echo 'Error: Could not process rule: Operation not permitted' >&2; exit 1"),
      "FAILED",
      /CAP_NET_ADMIN/,
    ],
    [
      "the set is full",
      program("enfile", "echo 'x: Error: Could not process rule: Too many open files in system' >&2; exit 1"),
      "FAILED",
      /full/,
    ],
    ["it lists no JSON", program("html", "echo '<html>'"), "FAILED", /no JSON/],
    [
      "it is killed in the middle",
      program("killed", 'case "$1" in -f) kill -9 $$;; esac; echo "{}"'),
      "UNCERTAIN",
      /was ended/,
    ],
  ])("%s", async (_, path, word, message) => {
    const { ban } = await executorOf(config({ program: path }));
    expect(await ban("45.9.148.7")).toMatchObject({ word, message: expect.stringMatching(message) });
  });

  it("is given arguments and a script, never a shell", async () => {
    const seen = join(dir, "seen");
    const path = program(
      "recorder",
      `echo "argv: $@" >> ${seen}; [ "$1" = -f ] && cat >> ${seen} || echo '{}'`,
    );
    const { ban } = await executorOf(config({ program: path }));
    expect(await ban("2a0a:4cc0::/64", 90)).toMatchObject({ word: "DONE", changed: true });
    const text = execFileSync("cat", [seen], { encoding: "utf8" });
    expect(text).toContain("argv: -f -");
    expect(text).toContain("add element inet test banned6_net { 2a0a:4cc0::/64 timeout 90s }");
  });

  it("is asked for so many new bans a minute only", async () => {
    const clock = manualClock();
    const { ban } = await executorOf(config({ program: program("fine", "echo '{}'"), maxPerMinute: 2 }), {
      clock,
    });
    const words = async () =>
      (await Promise.all(["45.9.148.1", "45.9.148.2", "45.9.148.3"].map((each) => ban(each)))).map(
        ({ word }) => word,
      );
    expect(await words()).toEqual(["DONE", "DONE", "FAILED"]);
    clock.advance(60_000);
    expect(await words()).toEqual(["DONE", "DONE", "FAILED"]);
  });
});

describe.skipIf(!canNft)("bans in a real network", () => {
  let holder: ChildProcess;
  let nft = "";
  const inside = (...argv: string[]): string =>
    execFileSync("nsenter", ["-t", String(holder.pid), "-n", ...argv], { encoding: "utf8" });

  beforeAll(async () => {
    holder = spawn("unshare", ["-n", "sleep", "300"], { stdio: "ignore" });
    nft = program("nft", `exec nsenter -t ${holder.pid} -n nft "$@"`);
    // Until the new network is there, its table would be made in that of the tests.
    const netOf = (pid: number | "self") => execFileSync("readlink", [`/proc/${pid}/ns/net`]).toString();
    await until("the network is there", () => netOf(holder.pid!) !== netOf("self"));
    inside("ip", "link", "set", "lo", "up");
    for (const address of ["45.9.148.7", "45.9.148.8", "46.4.0.1"])
      inside("ip", "address", "add", `${address}/32`, "dev", "lo");
  });
  afterAll(() => holder.kill());

  /** Whether a connection from one address to another comes through. */
  const reaches = (from: string): string =>
    inside(
      process.execPath,
      "-e",
      `const n = require("node:net"); const s = n.createServer((c) => c.end()).listen(0, "46.4.0.1", () => {
        const c = n.connect({ port: s.address().port, host: "46.4.0.1", localAddress: ${JSON.stringify(from)} });
        const end = (text) => { process.stdout.write(text); process.exit(); };
        c.on("connect", () => end("open")).on("error", (e) => end(e.code)); setTimeout(() => end("dropped"), 2_000); });`,
    );

  it("drops what comes from a banned address, until its time is over or it is lifted", async () => {
    const { ban, unban, list } = await executorOf(config({ program: nft }));
    expect(await list()).toMatchObject({ word: "DONE", active: [] });
    expect(reaches("45.9.148.7")).toBe("open");
    expect(await ban("45.9.148.7", 600)).toEqual({ word: "DONE", message: "", changed: true, active: [] });
    expect(reaches("45.9.148.7")).toBe("dropped");
    expect(reaches("45.9.148.8")).toBe("open");
    expect(await ban("45.9.149.0/24", 600)).toMatchObject({ word: "DONE" });
    expect(await ban("2a0a:4cc0:1:2::/64", 600)).toMatchObject({ word: "DONE" });
    expect((await list()).active.map(([target]) => target)).toEqual([
      ...["45.9.148.7", "45.9.149.0/24", "2a0a:4cc0:1:2::/64"],
    ]);
    // Again with another time, shorter and longer: the last one holds.
    await ban("45.9.148.7", 900);
    expect((await list()).active[0]![1]).toBeGreaterThan(890);
    expect(await unban("45.9.149.0/24")).toMatchObject({ word: "DONE", changed: true });
    expect(await unban("45.9.149.0/24")).toMatchObject({ word: "DONE", changed: false });
    await ban("45.9.148.7", 1);
    await expect
      .poll(async () => (await list()).active, { timeout: 30_000 })
      .toEqual([["2a0a:4cc0:1:2::/64", expect.any(Number)]]);
    expect(reaches("45.9.148.7")).toBe("open");
  });

  it("refuses a range over another one, and what is over its most", async () => {
    const { ban, list } = await executorOf(config({ program: nft, table: "small", maxElements: 2 }));
    expect(await ban("45.9.150.0/25")).toMatchObject({ word: "DONE" });
    expect(await ban("45.9.150.0/24")).toMatchObject({
      word: "REFUSED",
      message: expect.stringMatching(/overlaps/),
    });
    // An address in it is none of the ranges.
    expect(await ban("45.9.150.1")).toMatchObject({ word: "DONE" });
    expect(await ban("45.9.151.1")).toMatchObject({
      word: "FAILED",
      message: expect.stringMatching(/2 bans already/),
    });
    expect(await ban("45.9.150.1", 900)).toMatchObject({ word: "DONE" });
    expect((await list()).active).toHaveLength(2);
  });

  it("makes its table anew where somebody flushed the ruleset, and leaves the bans of one before it", async () => {
    const first = await executorOf(config({ program: nft, table: "kept" }));
    await first.ban("45.9.152.1");
    const second = await executorOf(config({ program: nft, table: "kept" }));
    await second.ban("45.9.152.2");
    expect((await second.list()).active).toHaveLength(2);
    inside("nft", "flush", "ruleset");
    expect((await second.list()).active).toEqual([]);
    expect(await second.unban("45.9.152.2")).toMatchObject({ word: "DONE", changed: false });
    expect(await second.ban("45.9.152.3")).toMatchObject({ word: "DONE" });
    expect((await second.list()).active).toEqual([["45.9.152.3", expect.any(Number)]]);
    expect(second.log.lines.some(({ message }) => /made again/.test(message))).toBe(true);
  });

  it("bans again after a start of the host, for the time that was left", async () => {
    const before = await executorOf(config({ program: nft, table: "booted" }));
    await before.ban("45.9.154.1", 600);
    await before.ban("45.9.154.2", 600);
    await before.unban("45.9.154.2");
    inside("nft", "delete", "table", "inet", "booted");
    const after = await executorOf(config({ program: nft, table: "booted" }), before);
    await after.restore();
    expect((await after.list()).active).toEqual([["45.9.154.1", expect.any(Number)]]);
    expect((await after.list()).active[0]![1]).toBeLessThanOrEqual(601);
    writeFileSync(join(before.stateDir, "bans.json"), "{torn");
    const torn = await BanJournal.open(before.stateDir, systemClock.now);
    expect(torn.problem).toBeTruthy();
    expect(torn.left()).toEqual([]);
  });

  it("shows what somebody else put into its sets without an end", async () => {
    const { ban, list } = await executorOf(config({ program: nft, table: "foreign" }));
    await ban("45.9.153.1");
    inside("nft", "add", "element", "inet", "foreign", "banned4", "{ 45.9.153.9 }");
    expect((await list()).active).toContainEqual([prefixText(range("45.9.153.9")), 0]);
  });
});
