import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Match } from "../detect/index.ts";
import { decodeMatches, encodeMatches } from "./record.ts";

const name = fc.string({ maxLength: 30 });
const match: fc.Arbitrary<Match> = fc.record({
  event: fc.record({ id: name, raw: fc.string({ maxLength: 200, unit: "binary" }), log: fc.object() }).map(
    // As JSON has it: a value that JSON cannot say is none of an event.
    (event) => JSON.parse(JSON.stringify(event)) as Match["event"],
  ),
  isAlert: fc.boolean(),
  remember: fc.uniqueArray(name, { maxLength: 4 }),
  ask: fc.uniqueArray(name, { maxLength: 4 }),
  routes: fc.array(fc.nat(0xffff_ffff), { maxLength: 4 }),
});

describe("a record of matches", () => {
  it("gives back what went in, in order, whatever the texts hold", () => {
    fc.assert(
      fc.property(
        fc.array(match, { maxLength: 12 }),
        fc.integer({ min: 1, max: 99 }),
        (matches, partitions) => {
          const read = encodeMatches(matches, partitions).map(decodeMatches);
          expect(read.flatMap((record) => record.matches)).toEqual(matches);
          for (const record of read) expect(record.partitions).toBe(partitions);
        },
      ),
    );
  });

  it("holds about 512 KiB, and more only for one match alone", () => {
    const big = (kib: number): Match => ({
      event: { raw: "x".repeat(kib * 1_024) },
      isAlert: false,
      remember: ["a"],
      ask: ["b"],
      routes: [1],
    });
    const records = encodeMatches([big(300), big(300), big(2_000), big(100), big(100)], 3).map(decodeMatches);
    expect(records.map(({ matches }) => matches.length)).toEqual([1, 1, 1, 2]);
  });

  const lines = (...parts: unknown[]) =>
    zstdCompressSync(parts.map((part) => JSON.stringify(part)).join("\n"));
  const head = { v: 1, partitions: 3, names: ["a"] };
  it.each<[string, Buffer, string]>([
    ["no zstd", Buffer.from("{}"), "batch.malformed"],
    ["no JSON", zstdCompressSync("{"), "batch.malformed"],
    ["no head", lines([[], [], [], 0, {}]), "batch.malformed"],
    ["a name that is not there", lines(head, [[], [1], [], 0, {}]), "batch.malformed"],
    ["a negative place", lines(head, [[], [-1], [], 0, {}]), "batch.malformed"],
    ["no event", lines(head, [[], [0], [], 0, null]), "batch.malformed"],
    ["a list in place of an event", lines(head, [[], [0], [], 0, []]), "batch.malformed"],
    ["a bomb", zstdCompressSync(Buffer.alloc(90 * 1_024 * 1_024)), "batch.malformed"],
    ["a newer version", lines({ ...head, v: 2 }), "batch.newer_schema"],
  ])("is refused where it is %s", (_, value, code) => {
    expect(() => decodeMatches(value)).toThrow(expect.objectContaining({ code }));
  });
});
