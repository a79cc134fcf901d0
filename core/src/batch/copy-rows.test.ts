import type { Event } from "@vedette/sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { BatchBuilder, copyRows, decodeBatch, keepRows, openBody, uuidv7 } from "./index.ts";

const text = fc.string({ unit: "grapheme", maxLength: 80 });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const events = fc.array(
  fc.record({
    raw: text,
    statusCode: some(fc.nat({ max: 599 })),
    deviceTime: some(fc.constant("2026-01-02T03:04:04.000Z")),
    dataSource: some(fc.constantFrom("web-1", "web-2")),
    origin: some(
      fc.record({
        ip: fc.ipV4(),
        bytesSent: fc.double({ noNaN: true }),
        packagesSent: fc.constant("18446744073709551615"),
      }),
    ),
    errors: some(fc.array(text, { maxLength: 2 })),
    log: some(
      fc.record({
        word: text,
        mixed: fc.oneof(text, fc.integer(), fc.boolean()),
        list: fc.array(fc.integer()),
      }),
    ),
  }),
  { minLength: 1, maxLength: 20 },
);

it("rows that outlive their batch give the events they gave in it", () => {
  fc.assert(
    fc.property(events, fc.array(fc.nat(), { minLength: 1 }), (given, picks) => {
      const builder = new BatchBuilder("t", { rows: 1e4, bytes: 1e9 });
      for (const [i, each] of given.entries()) {
        const event = { id: `e${i}`, "@timestamp": "2026-01-02T03:04:05.678Z", dataType: "t", ...each };
        builder.append(JSON.parse(JSON.stringify(event)) as Event, { source: "f", offset: i, end: i + 1 });
      }
      const stamp = { batchId: uuidv7(1_760_000_000_000), agentId: "a", epoch: 1, sequence: 1 };
      const batch = decodeBatch(builder.seal(stamp).frame);
      const rows = Uint32Array.from(picks, (pick) => pick % given.length);
      const expected = [...rows].map((row) => batch.event(row));
      const { header, body } = copyRows(batch, rows);
      const alone = keepRows(batch, rows);
      batch.free();
      expect([...rows.keys()].map((place) => alone.event(place))).toEqual(expected);
      const kept = openBody(header, body);
      expect([...rows.keys()].map((place) => kept.event(place))).toEqual(expected);
      expect(kept.header).toMatchObject({ ...stamp, rows: rows.length, sources: [] });
    }),
    { numRuns: 200 },
  );
});
