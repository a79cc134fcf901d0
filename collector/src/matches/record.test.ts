import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Batch, BatchBuilder, decodeBatch } from "@vedette/core/batch";
import { type Event, schemaVersion } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Match } from "../detect/index.ts";
import { decodeMatches, encodeMatches } from "./record.ts";

const name = fc.string({ maxLength: 30 });
const told = fc.record({
  remember: fc.uniqueArray(name, { maxLength: 4 }),
  ask: fc.uniqueArray(name, { maxLength: 4 }),
  routes: fc.array(fc.nat(0xffff_ffff), { maxLength: 4 }),
});
const lone: fc.Arbitrary<Match> = fc
  .tuple(
    told,
    fc.boolean(),
    fc.record({ id: name, raw: fc.string({ maxLength: 200, unit: "binary" }), log: fc.object() }),
  )
  .map(([rest, isAlert, object]) => {
    // As JSON has it: a value that JSON cannot say is none of an event.
    const event = JSON.parse(JSON.stringify(object)) as Event;
    return { ...rest, subject: isAlert ? { kind: "alert", alert: event } : { kind: "event", event } };
  });

function batchFrom(events: readonly Event[]): Batch {
  const builder = new BatchBuilder("t", { rows: 1e4, bytes: 1e9 });
  for (const event of events) builder.append(event, { source: "s", offset: 0, end: 1 });
  const batchId = "00000000-0000-7000-8000-000000000001";
  return decodeBatch(builder.seal({ batchId, agentId: "a", epoch: 1, sequence: 0 }).frame);
}

const event = fc
  .record({
    raw: fc.string({ maxLength: 200, unit: "grapheme" }),
    statusCode: fc.nat(599),
    origin: fc.record({ ip: fc.ipV4() }),
    log: fc.record({ word: name, mixed: fc.oneof(fc.integer(), name, fc.array(fc.integer())) }),
  })
  .map((rest): Event => ({ id: "", "@timestamp": "2026-01-02T03:04:05.678Z", dataType: "t", ...rest }));
/** Some rows of one batch, in their order. */
const rows = fc
  .tuple(fc.array(event, { minLength: 1, maxLength: 8 }), fc.array(told, { minLength: 8, maxLength: 8 }))
  .map(([events, list]): Match[] => {
    const batch = batchFrom(events.map((each, i) => ({ ...each, id: `e${i}` })));
    const some = [...events.keys()].filter((row) => list[row]!.routes.length > 0);
    return some.map((row) => ({ ...list[row]!, subject: { kind: "row", batch, row } }));
  });

/** What a match says, wherever it lies. */
const said = ({ subject, ...rest }: Match) => ({
  ...rest,
  isAlert: subject.kind === "alert",
  event:
    subject.kind === "row"
      ? subject.batch.event(subject.row)
      : subject.kind === "alert"
        ? subject.alert
        : subject.event,
});

const big = (kib: number): Event => ({
  ...{ id: "e", "@timestamp": "2026-01-02T03:04:05.678Z", dataType: "t" },
  raw: "x".repeat(kib * 1_024),
});
const asked = { remember: ["a"], ask: ["b"], routes: [1] };
const asRows = (events: readonly Event[]): Match[] => {
  const batch = batchFrom(events);
  return events.map((_, row) => ({ ...asked, subject: { kind: "row", batch, row } }));
};
const asEvents = (events: readonly Event[]): Match[] =>
  events.map((each) => ({ ...asked, subject: { kind: "event", event: each } }));

describe("a record of matches", () => {
  it("gives back what went in, in order, whatever the texts hold", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            rows,
            lone.map((match) => [match]),
          ),
          { maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 99 }),
        (groups, partitions) => {
          const matches = groups.flat();
          const expected = matches.map(said);
          const read = encodeMatches(matches, partitions).map(decodeMatches);
          expect(read.flatMap((record) => record.matches.map(said))).toEqual(expected);
          for (const record of read) expect(record.partitions).toBe(partitions);
        },
      ),
    );
  });

  it.each<[string, (events: readonly Event[]) => Match[]]>([
    ["of rows", asRows],
    ["of events", asEvents],
  ])("%s holds at most about 512 KiB, and more only for one match alone", (_, matches) => {
    const events = [300, 300, 2_000, 100, 100].map(big);
    const records = encodeMatches(matches(events), 3).map(decodeMatches);
    const sizes = records.map((record) =>
      record.matches.map((match) => Buffer.byteLength((said(match).event as Event).raw ?? "") / 1_024),
    );
    expect(sizes.flat()).toEqual([300, 300, 2_000, 100, 100]);
    for (const each of sizes) expect(each.length === 1 || each.reduce((a, b) => a + b) <= 512).toBe(true);
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
    ["a newer version", lines({ ...head, v: 3 }), "batch.newer_schema"],
    ["a newer version of another form", lines({ v: 3 }), "batch.newer_schema"],
  ])("is refused where it is %s", (_, value, code) => {
    expect(() => decodeMatches(value)).toThrow(expect.objectContaining({ code }));
  });

  /** A record of rows with another head. */
  const changed = (change: (about: { header: object; shapes: unknown; placeBytes: number }) => unknown) => {
    const plain = zstdDecompressSync(encodeMatches(asRows([big(1), big(1)]), 3)[0]!);
    const end = plain.indexOf("\n");
    const about = change(JSON.parse(plain.toString("utf8", 0, end)));
    return zstdCompressSync(Buffer.concat([Buffer.from(JSON.stringify(about)), plain.subarray(end)]));
  };
  it.each<[string, Buffer, string]>([
    ["no header", changed(({ header: _, ...rest }) => rest), "batch.malformed"],
    [
      "a header with too much",
      changed((it) => ({ ...it, header: { ...it.header, x: 1 } })),
      "batch.malformed",
    ],
    ["more rows", changed((it) => ({ ...it, header: { ...it.header, rows: 3 } })), "batch.malformed"],
    ["a row too few", changed((it) => ({ ...it, header: { ...it.header, rows: 1 } })), "batch.malformed"],
    ["a shape that is not there", changed((it) => ({ ...it, shapes: [] })), "batch.malformed"],
    ["a shape without its name", changed((it) => ({ ...it, names: [] })), "batch.malformed"],
    [
      "places of other length",
      changed((it) => ({ ...it, placeBytes: it.placeBytes - 1 })),
      "batch.malformed",
    ],
    [
      "a packed body",
      changed((it) => ({ ...it, header: { ...it.header, codec: "zstd" } })),
      "batch.malformed",
    ],
    [
      "of a newer schema",
      changed((it) => ({ ...it, header: { ...it.header, schema: schemaVersion + 1 } })),
      "batch.newer_schema",
    ],
  ])("of rows is refused where it has %s", (_, value, code) => {
    expect(() => decodeMatches(value)).toThrow(expect.objectContaining({ code }));
  });

  it("of rows that is damaged is refused or read, and never more than that", () => {
    const plain = zstdDecompressSync(encodeMatches(asRows([big(1), big(2)]), 3)[0]!);
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.nat(255), fc.nat(plain.length), (at, byte, length) => {
        const damaged = Buffer.from(plain);
        damaged[at] = byte;
        for (const each of [damaged, plain.subarray(0, length)]) {
          try {
            decodeMatches(zstdCompressSync(each));
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^batch\./) });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
