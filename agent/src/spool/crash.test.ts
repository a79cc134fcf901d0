import { decodeBatch } from "@vedette/core/batch";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { positionOf, sealLines, seeded } from "../testing/batches.ts";
import { CrashingDisk } from "../testing/crashing-disk.ts";
import { Spool } from "./spool.ts";

const lines = 48;
const sources = ["s", "t"] as const;
const isDropped = (n: number): boolean => n % 11 === 5 || (n >= 20 && n < 24);

/** A collector as far as the contract goes: keeps what is new by (epoch, sequence), and remembers it across lives. */
class Store {
  readonly batches = new Map<string, string>();
  readonly stored: string[] = [];
  repeats = 0;

  take(key: string, frame: Buffer): void {
    const content = frame.toString("latin1");
    const known = this.batches.get(key);
    if (known !== undefined) {
      expect(content === known, `${key} was given to two different batches`).toBe(true);
      this.repeats++;
      return;
    }
    this.batches.set(key, content);
    const batch = decodeBatch(frame);
    for (let row = 0; row < batch.rows; row++) this.stored.push(batch.event(row).raw!);
  }
}

/** One life of an agent: reads both sources on from their checkpoints until all is acknowledged, or the disk dies. */
async function live(disk: CrashingDisk, store: Store, random: () => number): Promise<void> {
  const stop = new AbortController();
  const deps = { log: recordingLogger(), clock: manualClock(), signal: stop.signal, disk };
  const options = { dir: "/spool", maxBytes: 1 << 20, segmentBytes: 700, onFull: "block" } as const;
  let spool: Spool;
  try {
    spool = await Spool.open(options, { ...deps, lock: async () => async () => undefined });
  } catch (error) {
    if (disk.dead) return;
    throw error;
  }
  const shipping = ship(spool, store, random, stop.signal, disk);
  const appended: Promise<void>[] = [];
  const next = new Map(sources.map((source) => [source, (spool.checkpoint(source)?.end ?? 0) / 10]));
  while (!disk.dead && [...next.values()].some((n) => n < lines)) {
    const open = sources.filter((source) => next.get(source)! < lines);
    const source = open[Math.floor(random() * open.length)]!;
    const from = next.get(source)!;
    const count = Math.min(1 + Math.floor(random() * 6), lines - from);
    const numbers = Array.from({ length: count }, (_, i) => from + i);
    next.set(source, from + count);
    if (numbers.every(isDropped)) {
      const skipped = { source, from: from * 10, to: positionOf(source, from + count - 1).end };
      spool.skip([skipped]).catch(() => undefined);
    } else {
      const place = { epoch: spool.epoch, sequence: spool.nextSequence() };
      appended.push(spool.append(sealLines(source, numbers, place, isDropped)).catch(() => undefined));
    }
    if (random() < 0.5) await settledOrDead(appended, disk);
  }
  await settledOrDead(appended, disk);
  while (!disk.dead && spool.unacknowledged > 0) await tick();
  stop.abort();
  await spool.close(0);
  await shipping;
}

async function ship(
  spool: Spool,
  store: Store,
  random: () => number,
  signal: AbortSignal,
  disk: CrashingDisk,
) {
  let after: { epoch: number; sequence: number } | undefined;
  let open: { epoch: number; sequence: number; maxTime: number }[] = [];
  while (!signal.aborted && !disk.dead) {
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(3)]);
    const batch = await spool.next(after, waiting);
    if (disk.dead) return;
    if (batch) {
      after = batch.header;
      store.take(`${batch.header.epoch}/${batch.header.sequence}`, batch.frame);
      open.push(batch.header);
    }
    // Acknowledgements come late and in any order.
    if (batch && random() < 0.5) continue;
    open = open.sort(() => random() - 0.5);
    const count = batch ? Math.floor(random() * (open.length + 1)) : open.length;
    for (const header of open.splice(0, count)) spool.acknowledge(header);
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** A dead disk answers no more, so that what waits for it would wait for ever. */
async function settledOrDead(work: readonly Promise<void>[], disk: CrashingDisk): Promise<void> {
  let settled = false;
  void Promise.all(work).then(() => {
    settled = true;
  });
  while (!settled && !disk.dead) await tick();
}

function expectEachOnce(store: Store): void {
  const wanted = sources.flatMap((source) =>
    Array.from({ length: lines }, (_, n) => n)
      .filter((n) => !isDropped(n))
      .map((n) => `${source} line ${n}`),
  );
  expect(store.stored.toSorted()).toEqual(wanted.toSorted());
}

describe("a spool that dies at any moment", () => {
  it.each(["kill", "power"] as const)("neither loses nor doubles a line (%s)", async (how) => {
    const whole = new CrashingDisk(seeded(1));
    await live(whole, new Store(), seeded(1));
    expect(whole.operations).toBeGreaterThan(60);
    let repeats = 0;
    for (let crashAt = 1; crashAt <= whole.operations; crashAt++) {
      const random = seeded(crashAt);
      const store = new Store();
      let disk = new CrashingDisk(random);
      disk.crashAt = crashAt;
      await live(disk, store, seeded(1));
      // A second and a third death, somewhere, before a life that lasts.
      for (const limit of [whole.operations / 2, 12]) {
        disk = disk.restart(how);
        disk.crashAt = 1 + Math.floor(random() * limit);
        await live(disk, store, random);
      }
      disk = disk.restart(how);
      await live(disk, store, random);
      expectEachOnce(store);
      repeats += store.repeats;
    }
    expect(repeats).toBeGreaterThan(0);
  });
});
