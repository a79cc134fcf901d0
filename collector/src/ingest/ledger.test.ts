import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";

const batch = (sequence: number, agentId = "a", epoch = 1) => ({ agentId, epoch, sequence });

describe("the ledger", () => {
  it("knows exactly the batches it was told of, in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), (sequences) => {
        const ledger = new Ledger();
        for (const sequence of sequences) ledger.add(batch(sequence));
        for (let sequence = 0; sequence <= 61; sequence++) {
          expect(ledger.has(batch(sequence))).toBe(sequences.includes(sequence));
        }
      }),
    );
  });

  it("keeps agents and their epochs apart", () => {
    const ledger = new Ledger();
    ledger.add(batch(0));
    expect([ledger.has(batch(0)), ledger.has(batch(0, "b")), ledger.has(batch(0, "a", 2))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("takes everything before the restored range as stored, and holes within it as not", () => {
    const ledger = new Ledger();
    ledger.restore("a", 1, 10, [12, 10, 11, 14]);
    expect([3, 9, 10, 12, 13, 14, 15].map((sequence) => ledger.has(batch(sequence)))).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it("adds what another collector has stored to what it knows", () => {
    const ledger = new Ledger();
    ledger.restore("a", 1, 0, [0, 1, 5]);
    ledger.restore("a", 1, 2, [3, 6]);
    expect([1, 2, 3, 4, 5, 6, 7].map((sequence) => ledger.has(batch(sequence)))).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
      false,
    ]);
    ledger.restore("a", 1, 100, [100]);
    expect([4, 99, 100, 101].map((sequence) => ledger.has(batch(sequence)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("does not take the first batch of a life as stored because later ones are", () => {
    const ledger = new Ledger();
    ledger.restore("a", 1, 0, [1, 2, 3]);
    expect(ledger.has(batch(0))).toBe(false);
  });

  it("stays bounded behind a hole that never fills", () => {
    const ledger = new Ledger();
    for (let sequence = 1; sequence < 70_000; sequence++) ledger.add(batch(sequence));
    expect(ledger.has(batch(69_999))).toBe(true);
    expect(ledger.has(batch(70_000))).toBe(false);
  });
});
