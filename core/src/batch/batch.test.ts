import { type Event, isVedetteError } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BatchBuilder,
  decodeBatch,
  numberColumn,
  openFrame,
  overflowPath,
  type SealStamp,
  textColumn,
  uuidv7,
} from "./index.ts";

const limits = { rows: 10_000, bytes: 1 << 20 };
const stamp = { batchId: uuidv7(1_760_000_000_000), agentId: "agent-1", epoch: 1, sequence: 7 };
const position = (offset: number) => ({ source: "file-1", offset, end: offset + 10 });

const event = (over: Partial<Event> = {}): Event => ({
  id: "e1",
  "@timestamp": "2026-01-02T03:04:05.678Z",
  dataType: "nginx",
  raw: "line",
  ...over,
});

function roundTrip(events: readonly Event[], codec: SealStamp["codec"] = "lz4"): Event[] {
  const builder = new BatchBuilder("nginx", limits);
  events.forEach((each, i) => {
    builder.append(each, position(i * 10));
  });
  const batch = decodeBatch(builder.seal({ ...stamp, codec }).frame);
  return events.map((_, row) => batch.event(row));
}

describe("a batch", () => {
  it("gives back every kind of field", () => {
    const full = event({
      deviceTime: "2026-01-02T03:04:04.000Z",
      statusCode: 404,
      severity: "low",
      origin: {
        ip: "2001:db8::1",
        port: 65_535,
        bytesSent: 1.5,
        packagesSent: "18446744073709551615",
        mac: "00:11:22:33:44:55",
        usedCpuPercent: 3,
        geolocation: { asn: "64500", latitude: -33.9, country: "Südafrika" },
        disks: [{ name: "sda", totalSpace: "5", usedPercent: 3 }],
      },
      errors: ["step 1: no", "ü"],
      compliance: { pci: { values: ["a", "b"] } },
      log: {
        n: 5,
        f: 1.5,
        b: false,
        s: "x",
        list: [1, 2],
        words: ["a", null],
        deep: { er: "y" },
        objects: [{ a: 1 }],
      },
    });
    expect(roundTrip([event(), full, event({ log: { n: "now text" } })])).toEqual([
      event(),
      { ...full, log: { ...full.log, objects: '[{"a":1}]' } },
      event({ log: { n: "now text" } }),
    ]);
  });

  it("gives back any text, dictionary or not, compressed or not", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ minLength: 1 })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.constantFrom("zstd" as const, "none" as const, "lz4" as const),
        (rows, codec) => {
          const events = rows.map(([raw, host]) => event({ raw, dataSource: host }));
          const expected = events.map((each) => (each.raw === "" ? { ...each, raw: undefined } : each));
          expect(roundTrip(events, codec)).toEqual(expected.map((each) => JSON.parse(JSON.stringify(each))));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("turns a dictionary with mostly distinct values into plain text and keeps every row", () => {
    const events = Array.from({ length: 2_000 }, (_, i) =>
      event({ origin: { ip: `10.0.${i >> 8}.${i & 255}` } }),
    );
    expect(roundTrip(events)).toEqual(events);
  });

  it("names the stretch of each source, dropped rows included", () => {
    const builder = new BatchBuilder("nginx", limits);
    builder.append(event(), { source: "a", offset: 0, end: 10 });
    builder.append(event(), { source: "b", offset: 50, end: 60 });
    builder.skip({ source: "a", offset: 10, end: 25 });
    expect(builder.seal(stamp).header.sources).toEqual([
      { source: "a", from: 0, to: 25 },
      { source: "b", from: 50, to: 60 },
    ]);
  });

  it("carries the newest cursor of a source, and none that a decoder would refuse", () => {
    const builder = new BatchBuilder("nginx", limits);
    builder.append(event(), { source: "a", offset: 0, end: 1, cursor: "first" });
    builder.append(event(), { source: "a", offset: 1, end: 2, cursor: 's="2";b' });
    builder.append(event(), { source: "b", offset: 0, end: 1, cursor: "\u0000" });
    const { header } = decodeBatch(builder.seal(stamp).frame);
    expect(header.sources).toEqual([
      { source: "a", from: 0, to: 2, cursor: 's="2";b' },
      { source: "b", from: 0, to: 1 },
    ]);
  });

  it("is full before its cursors outgrow the header", () => {
    const builder = new BatchBuilder("nginx", limits);
    let sources = 0;
    while (!builder.full) {
      builder.append(event(), {
        source: `${sources++}/`.padEnd(200, "s"),
        offset: 0,
        end: 1,
        cursor: '"'.repeat(1_024),
      });
    }
    expect(sources).toBeGreaterThan(10);
    expect(decodeBatch(builder.seal(stamp).frame).header.sources).toHaveLength(sources);
  });

  it("bounds the number of columns and keeps what does not fit as JSON text", () => {
    const log = Object.fromEntries(Array.from({ length: 1_200 }, (_, i) => [`k${i}`, i]));
    const [row] = roundTrip([event({ log })]);
    expect(Object.keys(row?.log ?? {}).length).toBeGreaterThan(900);
    expect(row?.log?.[overflowPath.slice(4)]).toMatch(/^\{"log\.k\d+":\d+.*,"log\.k1199":1199\}$/);
  });

  it("keeps a row whole around values that do not fit and names that no path may have", () => {
    const odd = JSON.parse(
      '{"id":"e","@timestamp":"2026-01-02T03:04:05.678Z","dataType":"x","statusCode":-1,"deviceTime":"soon","origin":{"port":1e12,"packagesSent":"-5","usedCpuPercent":"x","bytesSent":"7"},"log":{"__proto__":{"a":1},"":2,"ok":3}}',
    ) as Event;
    const [row] = roundTrip([odd]);
    expect(row).toEqual({
      id: "e",
      "@timestamp": odd["@timestamp"],
      dataType: "x",
      log: { ok: 3, _overflow: expect.any(String) },
    });
  });

  it("keeps the first of two values that have one path", () => {
    const twice = event({ log: { "a.b": "x", a: { b: 2 }, c: 1 } });
    const rows = roundTrip([event(), twice, event({ log: { c: "z" } })]);
    expect(rows.map(({ log }) => log)).toEqual([undefined, { a: { b: "x" }, c: 1 }, { c: "z" }]);
  });

  it("gives back texts of every length and alphabet from plain columns", () => {
    const words = [
      "",
      "a",
      "ü",
      "\ud800",
      "x".repeat(127),
      "y".repeat(128),
      "ß".repeat(70),
      "€".repeat(6_000),
    ];
    const events = Array.from({ length: 3_000 }, (_, i) =>
      event({ origin: { host: `${i}${words[i % 8]}` }, log: { text: `${words[(i * 5) % 8]}${i}` } }),
    );
    const texts = (each: Event) => `${each.origin?.host} ${each.log?.["text"]}`;
    const back = roundTrip(events).map(texts);
    expect(back.findIndex((text, i) => text !== texts(events[i]!).toWellFormed())).toBe(-1);
  });

  it("gives back numbers of any size, with rows between that have none", () => {
    const numbers = [0.1, -1, 2 ** 53 - 1, 1 - 2 ** 53, 2 ** 31, -(2 ** 31), -(2 ** 32) - 1, 7];
    const events = Array.from({ length: 2_000 }, (_, i) =>
      i % 3 ? event() : event({ statusCode: (i % 8) + 2 ** 31, log: { n: numbers[i % 8]! } }),
    );
    expect(roundTrip(events)).toEqual(events);
  });

  it("is full when it is large, whatever its rows are like", () => {
    const small = new BatchBuilder("nginx", { rows: 100_000, bytes: 1 << 20 });
    while (!small.full) small.append(event({ raw: "x".repeat(100) }), position(0));
    expect(small.bytes).toBeGreaterThan(1 << 20);
    expect(small.bytes).toBeLessThan(1.1 * 2 ** 20);
    const large = new BatchBuilder("nginx", { rows: 100_000, bytes: 1 << 20 });
    while (!large.full) large.append(event({ raw: "x".repeat(70_000) }), position(0));
    expect(large.rows).toBe(15);
  });

  it("is full at its limits", () => {
    const builder = new BatchBuilder("nginx", { rows: 2, bytes: 1 << 20 });
    builder.append(event(), position(0));
    expect(builder.full).toBe(false);
    builder.append(event(), position(10));
    expect(builder.full).toBe(true);
  });

  it("takes columns from enrichment and replaces those of the same path", () => {
    const builder = new BatchBuilder("nginx", limits);
    for (let i = 0; i < 3; i++) builder.append(event({ severity: "low" }), position(i * 10));
    const batch = decodeBatch(builder.seal(stamp).frame).with([
      textColumn("severity", { keys: ["", "high"], index: Uint8Array.of(1, 0, 1) }),
      numberColumn("ingestedAt", "time", new BigInt64Array(3).fill(1_760_000_000_123n)),
    ]);
    expect([0, 1].map((row) => batch.event(row).severity)).toEqual(["high", undefined]);
    expect(batch.event(2).ingestedAt).toBe("2025-10-09T08:53:20.123Z");
  });
});

describe("a hostile batch", () => {
  const good = () => {
    const builder = new BatchBuilder("nginx", limits);
    for (let i = 0; i < 20; i++) {
      builder.append(
        event({ id: `e${i}`, log: { i, s: "x".repeat(i) }, errors: ["a"], origin: { port: i + 1 } }),
        position(i),
      );
    }
    return builder;
  };

  it.each(["none", "lz4"] as const)(
    "never does more than fail, whichever byte of a body is changed: %s",
    (codec) => {
      const { frame } = good().seal({ ...stamp, codec });
      const head = openFrame(frame, 1).header;
      fc.assert(
        fc.property(fc.nat(frame.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
          const copy = Buffer.from(frame);
          copy[at] = byte;
          try {
            const batch = decodeBatch(repaired(copy));
            for (let row = 0; row < batch.rows; row++) batch.event(row);
          } catch (error) {
            expect(isVedetteError(error) && error.verdict.verdict).toBe("drop");
          }
        }),
        { numRuns: 3_000 },
      );
      expect(head.rows).toBe(20);
    },
  );

  it.each([
    ["a truncated frame", (frame: Buffer) => frame.subarray(0, frame.length - 1), /prefix says/],
    ["a changed byte", (frame: Buffer) => flip(frame, frame.length - 3), /checksum/],
    ["no frame at all", () => Buffer.from("GET / HTTP/1.1\r\n\r\n"), /no frame prefix/],
    ["an empty frame", () => Buffer.alloc(0), /no frame prefix/],
  ])("is refused with a reason: %s", (_, change, reason) => {
    expect(() => decodeBatch(change(good().seal(stamp).frame))).toThrow(reason);
  });

  it("may not carry a newer schema or a column of the wrong type", () => {
    const { frame } = good().seal({ ...stamp, codec: "none" });
    const newer = repaired(replaced(frame, '"schema":1', '"schema":9'));
    expect(() => decodeBatch(newer)).toThrow(/Upgrade the collector/);
    const renamed = repaired(replaced(frame, "origin.port", "target.user"));
    expect(() => decodeBatch(renamed)).toThrow(/"target.user" may not be u32/);
    const polluted = repaired(replaced(frame, "origin.port", "log.__proto__"));
    expect(() => decodeBatch(polluted)).toThrow(/batch does not decode/);
  });
});

const flip = (frame: Buffer, at: number): Buffer => {
  const copy = Buffer.from(frame);
  copy[at] = copy[at]! ^ 0xff;
  return copy;
};

const replaced = (frame: Buffer, from: string, to: string): Buffer => {
  const copy = Buffer.from(frame);
  const at = copy.indexOf(from);
  copy.write(to, at, Math.min(to.length, from.length), "latin1");
  return copy;
};

/** Gives a changed frame a right checksum, so that the checks behind it are reached. */
function repaired(frame: Buffer): Buffer {
  const { crc32 } = process.getBuiltinModule("node:zlib");
  if (frame.length >= 16) frame.writeUInt32LE(crc32(frame.subarray(16), crc32(frame.subarray(4, 12))), 12);
  return frame;
}
