import { afterEach, describe, expect, it, vi } from "vitest";
import { beginFrame, frameOf } from "./frame.ts";
import { freeBytes, giveMemory, keepMemory, takeMemory } from "./memory.ts";

const mebibyte = 1 << 20;

describe("memory", () => {
  afterEach(() => vi.useRealTimers());

  it("is used again, once per gift", () => {
    const first = takeMemory(5_000);
    expect(first.length).toBe(8_192);
    giveMemory(first);
    expect(takeMemory(8_192)).toBe(first);
    expect(takeMemory(8_192)).not.toBe(first);
  });

  it("is kept only up to a bound, and only where it is whole", () => {
    const large = Array.from({ length: 10 }, () => takeMemory(2 * mebibyte));
    for (const each of large) giveMemory(each);
    const again = Array.from({ length: 10 }, () => takeMemory(2 * mebibyte));
    expect(again.filter((each) => large.includes(each))).toHaveLength(6);
    const part = takeMemory(16_384).subarray(0, 8_192);
    giveMemory(part);
    expect(takeMemory(8_192).buffer).not.toBe(part.buffer);
  });

  it("of a frame is its own, however small it is", () => {
    const about = {
      ...{ batchId: "0".repeat(8), agentId: "a", epoch: 1, sequence: 0, dataType: "x", schema: 1, rows: 1 },
      ...{ minTime: 0, maxTime: 0, sources: [], codec: "lz4" as const },
    };
    for (let i = 0; i < 3; i++) {
      const out = beginFrame(0);
      out.u32(1);
      const { frame } = frameOf({ ...about, bodyBytes: 4 }, Buffer.alloc(4), out);
      const shared = [Buffer.from("small"), Buffer.allocUnsafe(64)].map(({ buffer }) => buffer);
      expect(shared).not.toContain(frame.buffer);
    }
  });

  it("that is freed is empty for all who look at it, and used again", () => {
    const memory = takeMemory(mebibyte).fill(7);
    const part = memory.subarray(10, 20);
    const words = new Uint32Array(memory.buffer, 8, 4);
    freeBytes(memory.subarray(0, 1_000));
    expect([memory.length, part.length, part[0], words.length]).toEqual([0, 0, undefined, 0]);
    const again = takeMemory(mebibyte);
    expect(again.length).toBe(mebibyte);
    expect(again[10]).toBe(7);
    expect(takeMemory(mebibyte)[10]).not.toBe(7);
  });

  it("of another size is freed for good, and small pieces are left alone", () => {
    const odd = Buffer.allocUnsafeSlow(mebibyte + 1);
    const small = takeMemory(8_192);
    const behind = Buffer.allocUnsafeSlow(mebibyte).subarray(8);
    for (const each of [odd, small, behind]) freeBytes(each);
    expect([odd.length, small.length, behind.length]).toEqual([0, 8_192, mebibyte - 8]);
  });

  it("is kept to a larger bound where that is asked for, as long as it is needed", () => {
    vi.useFakeTimers();
    const leave = keepMemory(64 * mebibyte, 1_000);
    // Marked, so that it can be told from new memory.
    const lent = (count: number): Buffer[] => Array.from({ length: count }, () => takeMemory(8 * mebibyte));
    const known = (pieces: readonly Buffer[]): number => pieces.filter((piece) => piece[0] === 9).length;
    for (const piece of lent(6)) {
      piece[0] = 9;
      freeBytes(piece);
    }
    vi.advanceTimersByTime(1_000);
    const four = lent(4);
    expect(known(four)).toBe(4);
    for (const piece of four) freeBytes(piece);
    vi.advanceTimersByTime(1_000);
    // Two were not asked for all the time.
    const six = lent(6);
    expect(known(six)).toBe(4);
    for (const piece of six) freeBytes(piece);
    leave();
    // As much as fits into the usual bound.
    expect(known(lent(6))).toBe(1);
  });
});
