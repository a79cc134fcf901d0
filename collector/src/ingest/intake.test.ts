import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { Telemetry } from "@vedette/core/telemetry";
import { Outcome } from "@vedette/proto";
import { VedetteError } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterAll, describe, expect, it } from "vitest";
import { type DeadFrame, GroupFiles, Intake, type IntakeSink, Ledger } from "./index.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-intake-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const { journal } = await GroupFiles.open(dir);

function frameOf(sequence: number, agentId = "a1"): Buffer {
  const builder = new BatchBuilder("test", { rows: 10, bytes: 1e6 });
  builder.append(
    { id: `e${sequence}`, "@timestamp": "2026-01-01T00:00:00.000Z", dataType: "test", raw: "x" },
    { source: "s", offset: 0, end: 1 },
  );
  return builder.seal({ batchId: uuidv7(Date.now()), agentId, epoch: 1, sequence }).frame;
}

function setUp(store: IntakeSink["store"], concurrency = 4) {
  const dead: DeadFrame[] = [];
  const repeats: number[] = [];
  const intake = new Intake({
    ledger: new Ledger(),
    sink: {
      store,
      repeated: (header) => {
        repeats.push(header.sequence);
        return Promise.resolve();
      },
      deadLetter: (frame) => {
        dead.push(frame);
        return Promise.resolve();
      },
    },
    telemetry: new Telemetry(),
    log: recordingLogger(),
    clock: { now: () => performance.now() },
    journal,
    concurrency,
  });
  const { signal } = new AbortController();
  return { dead, repeats, accept: (frame: Buffer, agentId = "a1") => intake.accept(agentId, frame, signal) };
}

const unavailable = () =>
  new VedetteError("store.unavailable", "No answer.", { verdict: "retry", afterMs: 1 });

describe("the intake", () => {
  it("answers only after the batch is stored, however often the store fails first", async () => {
    let attempts = 0;
    const { accept } = setUp(() => (++attempts < 4 ? Promise.reject(unavailable()) : Promise.resolve()));
    expect((await accept(frameOf(0))).outcome).toBe(Outcome.STORED);
    expect(attempts).toBe(4);
  });

  it("stores a repeated batch once, after and during the first delivery", async () => {
    let stored = 0;
    const { accept, repeats } = setUp(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      stored++;
    });
    const frame = frameOf(0);
    const receipts = await Promise.all([accept(frame), accept(frame)]);
    receipts.push(await accept(frame));
    expect(receipts.map((r) => r.outcome)).toEqual([Outcome.STORED, Outcome.DUPLICATE, Outcome.DUPLICATE]);
    expect(stored).toBe(1);
    expect(repeats).toEqual([0]);
  });

  it("gives a repeated batch no receipt when the first delivery fails", async () => {
    let attempts = 0;
    const controller = new AbortController();
    const intake = new Intake({
      ledger: new Ledger(),
      sink: {
        store: () => Promise.reject(attempts++ === 0 ? unavailable() : unavailable()),
        deadLetter: () => Promise.resolve(),
        repeated: () => Promise.resolve(),
      },
      telemetry: new Telemetry(),
      log: recordingLogger(),
      clock: { now: () => performance.now() },
      journal,
      concurrency: 1,
    });
    const frame = frameOf(0);
    const both = Promise.allSettled([
      intake.accept("a1", frame, controller.signal),
      intake.accept("a1", frame, controller.signal),
    ]);
    controller.abort(new Error("stopping"));
    expect((await both).map((r) => r.status)).toEqual(["rejected", "rejected"]);
  });

  it("keeps what it refuses, with the reason and the batch's id", async () => {
    const { accept, dead } = setUp(() =>
      Promise.reject(new VedetteError("store.rejected", "Type mismatch.", { verdict: "drop" })),
    );
    const frame = frameOf(0);
    const spoiled = Buffer.from(frame);
    spoiled[spoiled.length - 1]! ^= 0xff;
    expect(await accept(frame)).toMatchObject({ outcome: Outcome.DEAD_LETTERED, reason: "Type mismatch." });
    expect(await accept(frameOf(1, "someone-else"))).toMatchObject({
      outcome: Outcome.DEAD_LETTERED,
      reason: expect.stringMatching(/belongs to "a1"/),
    });
    expect(await accept(spoiled)).toMatchObject({
      outcome: Outcome.DEAD_LETTERED,
      reason: expect.stringMatching(/checksum/),
    });
    expect(dead.map((d) => d.stage)).toEqual(["store", "identity", "decode"]);
    expect(dead[0]?.frame.equals(frame)).toBe(true);
  });

  it("makes a bounded number of inserts at a time", async () => {
    let active = 0;
    let most = 0;
    let stored = 0;
    const { accept } = setUp(async (batches) => {
      most = Math.max(most, ++active);
      await new Promise((resolve) => setImmediate(resolve));
      stored += batches.length;
      active--;
    }, 3);
    await Promise.all(Array.from({ length: 20 }, (_, i) => accept(frameOf(i))));
    expect(stored).toBe(20);
    expect(most).toBeLessThanOrEqual(3);
  });
});
