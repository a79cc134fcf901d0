import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sealLines, seeded } from "../testing/batches.ts";
import { CrashingDisk } from "../testing/crashing-disk.ts";
import { until } from "../testing/until.ts";
import { nodeDisk } from "./disk.ts";
import { catSpool, checkSpool } from "./inspect.ts";
import type { SpoolDeps, SpoolOptions } from "./options.ts";
import { segmentName } from "./segment.ts";
import { Spool } from "./spool.ts";

const open: Spool[] = [];
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-spool-"));
});
afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close(0);
  rmSync(dir, { recursive: true, force: true });
});

const log = recordingLogger();
async function opened(options: Partial<SpoolOptions> = {}, deps: Partial<SpoolDeps> = {}): Promise<Spool> {
  const spool = await Spool.open(
    { dir, maxBytes: 2 ** 20, segmentBytes: 2 ** 18, onFull: "block", ...options },
    { log, clock: manualClock(), signal: new AbortController().signal, ...deps },
  );
  open.push(spool);
  return spool;
}
const unlocked = { lock: async () => async () => undefined };

let next = 0;
const batchOf = (spool: Spool, count = 1) => {
  const numbers = Array.from({ length: count }, () => next++);
  return sealLines("s", numbers, { epoch: spool.epoch, sequence: spool.nextSequence() });
};
async function append(spool: Spool, batches: number): Promise<void> {
  for (let i = 0; i < batches; i++) await spool.append(batchOf(spool));
}
const at = (spool: Spool, sequence: number) => ({ epoch: spool.epoch, sequence, maxTime: 0 });

describe("spool", () => {
  it("gives batches back in order, waits for more, and forgets the acknowledged ones over a restart", async () => {
    const first = await opened();
    await append(first, 5);
    const signal = new AbortController().signal;
    const a = await first.next(undefined, signal);
    const b = await first.next(a!.header, signal);
    expect([a!.header.sequence, b!.header.sequence]).toEqual([0, 1]);
    expect(first.acknowledge(at(first, 1))).toBe(true);
    expect(first.acknowledge(at(first, 1))).toBe(false);
    expect(first.acknowledge(at(first, 99))).toBe(false);
    const later = first.next(at(first, 4), signal);
    await append(first, 1);
    expect((await later)!.header.sequence).toBe(5);
    await first.close();
    const second = await opened();
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.recovery).toMatchObject({ frames: 6, unacknowledged: 5, tornBytes: 0, damaged: [] });
    const c = await second.next(undefined, signal);
    const d = await second.next(c!.header, signal);
    expect([c!.header.sequence, d!.header.sequence]).toEqual([0, 2]);
  });

  it("knows the end and the cursor of a source from its batches and, when these are gone, from its file", async () => {
    const first = await opened({ segmentBytes: 500 });
    const builder = new BatchBuilder("generic", { rows: 10, bytes: 2 ** 20 });
    const event = { id: "1", "@timestamp": "2026-01-02T03:04:05Z", dataType: "generic", raw: "x" };
    builder.append(event, { source: "journal-1/boot", offset: 4, end: 5, cursor: "s=1;i=5" });
    const stamp = { batchId: uuidv7(0), agentId: "a", epoch: first.epoch, sequence: first.nextSequence() };
    await first.append(builder.seal(stamp));
    const known = { end: 5, cursor: "s=1;i=5" };
    expect(first.checkpoint("journal-1/boot")).toEqual(known);
    expect(first.checkpoint("other")).toBeUndefined();
    await first.close();
    rmSync(join(dir, "checkpoints.json"));
    const second = await opened();
    expect(second.checkpoint("journal-1/boot")).toEqual(known);
    second.acknowledge({ epoch: first.epoch, sequence: 0, maxTime: 0 });
    await second.close();
    const third = await opened();
    expect(third.unacknowledged).toBe(0);
    expect(third.checkpoint("journal-1/boot")).toEqual(known);
    await third.skip([{ source: "journal-1/boot", from: 5, to: 9, cursor: "s=1;i=9" }]);
    expect(third.checkpoint("journal-1/boot")).toEqual({ end: 9, cursor: "s=1;i=9" });
    third.forget("journal-1/boot");
    expect(third.checkpoint("journal-1/boot")).toBeUndefined();
  });

  it("deletes a segment when all of it is acknowledged, after writing the checkpoints", async () => {
    const spool = await opened({ segmentBytes: 500 });
    await append(spool, 10);
    const segments = () => readdirSync(dir).filter((name) => name.endsWith(".seg"));
    expect(segments().length).toBeGreaterThan(3);
    for (let sequence = 0; sequence < 10; sequence++) spool.acknowledge(at(spool, sequence));
    await until("the closed segments are deleted", () => segments().length === 1);
    const report = await checkSpool(dir);
    expect(report.checkpoints).toEqual({ s: next * 10 });
    expect(report.unacknowledged).toBe(0);
  });

  it("refuses a second opening, and lets go when closed", async () => {
    const first = await opened();
    await append(first, 1);
    await expect(opened()).rejects.toMatchObject({ code: "spool.locked", verdict: { verdict: "stop" } });
    await first.close();
    await opened();
  });

  it("blocks when full and goes on when batches are acknowledged", async () => {
    const spool = await opened({ maxBytes: 2_000, segmentBytes: 500 });
    const appended: number[] = [];
    const work = (async () => {
      for (let i = 0; i < 20; i++) {
        await spool.append(batchOf(spool));
        appended.push(i);
      }
    })();
    await until("the spool is full", () => spool.bytes > 1_500);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stuck = appended.length;
    expect(stuck).toBeLessThan(20);
    for (let sequence = 0; sequence < 20; sequence++) {
      await until(`batch ${sequence} is on disk`, () => spool.acknowledge(at(spool, sequence)));
    }
    await work;
    expect(spool.bytes).toBeLessThanOrEqual(2_000);
  });

  it("drops the oldest on request, and says how many", async () => {
    let dropped = 0;
    const spool = await opened(
      { maxBytes: 2_000, segmentBytes: 500, onFull: "dropOldest" },
      { dropped: (batches) => (dropped += batches) },
    );
    await append(spool, 30);
    expect(dropped).toBeGreaterThan(10);
    expect(dropped + spool.unacknowledged).toBe(30);
    const first = await spool.next(undefined, new AbortController().signal);
    expect(first!.header.sequence).toBe(dropped);
  });

  it("waits out a full disk and failing syncs without losing or doubling a batch", async () => {
    const disk = new CrashingDisk(seeded(1));
    const spool = await opened({ dir: "/s" }, { disk, ...unlocked });
    await append(spool, 2);
    for (const code of ["ENOSPC", "ENOSPC"]) disk.failures.push({ operation: "write", code });
    disk.failures.push({ operation: "sync", code: "EIO" });
    await append(spool, 2);
    expect(disk.failures).toEqual([]);
    await spool.close();
    const again = await opened({ dir: "/s" }, { disk: disk.restart("power"), ...unlocked });
    expect(again.recovery).toMatchObject({ frames: 4, damaged: [] });
  });

  it("closes in time though the disk stays full", async () => {
    const disk = new CrashingDisk(seeded(1));
    const spool = await opened({ dir: "/s" }, { disk, ...unlocked });
    for (let i = 0; i < 1_000; i++) disk.failures.push({ operation: "write", code: "ENOSPC" });
    const waiting = spool.append(batchOf(spool));
    const refused = expect(waiting).rejects.toMatchObject({ code: "spool.full" });
    await spool.close(50);
    await refused;
    await expect(spool.append(batchOf(spool))).rejects.toMatchObject({ code: "spool.full" });
  });
});

describe("repair", () => {
  it.each([
    { name: "in the middle of an old segment", segmentBytes: 1_200, segment: 0 },
    { name: "in the middle of the newest segment", segmentBytes: 9_999, segment: -1 },
  ])("keeps every whole batch when bytes change $name", async ({ segmentBytes, segment }) => {
    const disk = new CrashingDisk(seeded(1));
    const first = await opened({ dir: "/s", segmentBytes }, { disk, ...unlocked });
    await append(first, 10);
    await first.close();
    const names = (await disk.list("/s")).filter((name) => name.endsWith(".seg")).toSorted();
    const name = names.at(segment)!;
    disk.damage(`/s/${name}`, 60, Buffer.from("?????"));
    expect(
      (await checkSpool("/s", disk)).segments.filter(({ problem }) => problem !== undefined),
    ).toHaveLength(1);
    const again = await opened({ dir: "/s" }, { disk, ...unlocked });
    expect(again.recovery).toMatchObject({ frames: 9, damaged: [name] });
    expect(await disk.list("/s/damaged")).toEqual([name]);
    await again.close();
    const third = await opened({ dir: "/s" }, { disk, ...unlocked });
    expect(third.recovery).toMatchObject({ frames: 9, damaged: [] });
  });

  it("cuts off a torn tail without calling it damage", async () => {
    const first = await opened();
    await append(first, 3);
    await first.close();
    const name = readdirSync(dir).find((each) => each.endsWith(".seg"))!;
    const file = await nodeDisk.open(join(dir, name));
    const bytes = (await nodeDisk.readFile(join(dir, name)))!;
    await file.write([bytes.subarray(0, 100)], bytes.length);
    await file.close();
    expect((await checkSpool(dir)).segments[0]).toMatchObject({ batches: 3, problem: undefined });
    const again = await opened();
    expect(again.recovery).toMatchObject({ frames: 3, tornBytes: 100, damaged: [] });
  });

  it("calls it damage when a batch that was on disk is gone from the tail", async () => {
    const disk = new CrashingDisk(seeded(1));
    const first = await opened({ dir: "/s" }, { disk, ...unlocked });
    await append(first, 3);
    await first.close();
    const name = (await disk.list("/s")).find((each) => each.endsWith(".seg"))!;
    const size = (await disk.readFile(`/s/${name}`))!.length;
    disk.damage(`/s/${name}`, size - 9, Buffer.from("?????"));
    const again = await opened({ dir: "/s" }, { disk, ...unlocked });
    expect(again.recovery).toMatchObject({ frames: 2, damaged: [name] });
  });

  it("starts with rubbish in every file, and keeps the rubbish", async () => {
    const disk = new CrashingDisk(seeded(1));
    const rubbish = Buffer.from("VDT1 this is not a frame VDT1".repeat(50));
    for (const name of ["checkpoints.json", "epoch", segmentName({ epoch: 5, sequence: 0 })]) {
      const file = await disk.open(`/s/${name}`);
      await file.write([rubbish], 0);
      await file.sync();
    }
    const older = await disk.open(`/s/${segmentName({ epoch: 4, sequence: 0 })}`);
    await older.write([rubbish], 0);
    const spool = await opened({ dir: "/s" }, { disk, ...unlocked });
    await append(spool, 1);
    expect(spool.recovery.damaged).toEqual([segmentName({ epoch: 4, sequence: 0 })]);
    expect(spool.epoch).toBeGreaterThan(5);
  });

  it("sets a batch aside that goes bad while the agent runs, and ships the others", async () => {
    const disk = new CrashingDisk(seeded(1));
    const spool = await opened({ dir: "/s" }, { disk, ...unlocked });
    await append(spool, 3);
    const name = (await disk.list("/s")).find((each) => each.endsWith(".seg"))!;
    disk.damage(`/s/${name}`, 60, Buffer.from("?????"));
    const first = await spool.next(undefined, new AbortController().signal);
    expect(first!.header.sequence).toBe(1);
    expect(await disk.list("/s/damaged")).toHaveLength(1);
    expect(spool.unacknowledged).toBe(2);
  });

  it("prints what it holds, also while it is in use", async () => {
    const spool = await opened();
    const from = next;
    await spool.append(batchOf(spool, 3));
    await append(spool, 1);
    const raws: string[] = [];
    for await (const { batch } of catSpool(dir)) {
      for (let row = 0; row < batch.rows; row++) raws.push(batch.event(row).raw!);
    }
    expect(raws).toEqual([0, 1, 2, 3].map((i) => `s line ${from + i}`));
    expect(await checkSpool(dir)).toMatchObject({
      batches: 2,
      rows: 4,
      unacknowledged: 2,
      epoch: spool.epoch,
    });
  });
});
