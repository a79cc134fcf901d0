import { crc32 } from "node:zlib";
import { type Event, isVedetteError } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  atLine,
  BatchBuilder,
  type BlockColumn,
  type DynamicColumn,
  decodeBatch,
  type TextColumnBuilder,
  uuidv7,
  type ValueBlock,
  withChunk,
} from "./index.ts";

const stamp = { batchId: uuidv7(1_760_000_000_000), agentId: "agent-1", epoch: 1, sequence: 7 };
const limits = { rows: 1_000_000, bytes: 1 << 30 };
const facts = { time: 1_760_000_000_000, dataSource: "", tenantId: "t", agentId: "a" };
const paths = ["target.url", "log.text"];

/** A line, and a value: a part of that line from one character up to another, a text from elsewhere, or none. */
interface Row {
  readonly raw: string;
  readonly value: readonly [number, number] | string | undefined;
}

const textOf = ({ raw, value }: Row): string | undefined =>
  typeof value === "object" ? raw.slice(...value) || undefined : value || undefined;

type Fill = (builder: BatchBuilder, rows: readonly Row[]) => void;

function endRow(builder: BatchBuilder, { raw }: Row): void {
  const row = builder.rows;
  builder.endRow(raw.length);
  builder.log(`${row}`, raw, facts, { source: "s", offset: row, end: row + 1 });
}

const asTexts: Fill = (builder, rows) => {
  for (const row of rows) {
    const text = textOf(row);
    for (const path of paths) if (text) builder.column(path)!.add(builder.rows, text);
    endRow(builder, row);
  }
};

/** Where lines lie one behind the other, and the texts from elsewhere behind them. */
function laidOut(rows: readonly Row[]) {
  const size = Buffer.byteLength;
  let at = 0;
  let other = rows.reduce((sum, { raw }) => sum + size(raw), 0);
  const places = rows.map(({ raw, value }) => {
    const [line, end] = [at, at + size(raw)];
    at = end;
    if (typeof value === "object") {
      const from = line + size(raw.slice(0, value[0]));
      return { line, end, from, to: from + size(raw.slice(...value)) };
    }
    const from = other;
    other += size(value ?? "");
    return { line, end, from, to: other };
  });
  const others = rows.map(({ value }) => (typeof value === "string" ? value : ""));
  return { bytes: Buffer.from(rows.map(({ raw }) => raw).join("") + others.join("")), places };
}

/** Each value as a place in a chunk of some lines. */
const inChunks =
  (most: number): Fill =>
  (builder, rows) => {
    for (let first = 0; first < rows.length; first += most) {
      const some = rows.slice(first, first + most);
      const { bytes, places } = laidOut(some);
      withChunk(bytes, () => {
        for (const [i, row] of some.entries()) {
          const { line, end, from, to } = places[i]!;
          atLine(line, end);
          for (const path of to > from ? paths : [])
            (builder.column(path) as TextColumnBuilder).addSlice(builder.rows, bytes, from, to);
          endRow(builder, row);
        }
      });
      bytes.fill("?");
    }
  };

/** A block as the kernel of a pipeline gives it, in plain TypeScript. It looks for at most so many texts. */
function blockOf(rows: readonly Row[], isOfLines: boolean, most: number): ValueBlock {
  const { bytes, places } = laidOut(rows);
  const kinds = Uint8Array.from(places, ({ from, to }) => (to > from ? 1 : 0));
  let looked = new Uint32Array(0);
  const some = (first: number, count: number, dense: boolean) =>
    places.slice(first, first + count).filter((_, i) => !dense || kinds[first + i] === 1);
  const block: ValueBlock = {
    kinds,
    numbers: new Float64Array(rows.length),
    places: Uint32Array.from(places.flatMap(({ from, to }) => [from, to])),
    bytes,
    any: (first, count) => some(first, count, true).length > 0,
    kindsOf: (first, count) =>
      kinds.subarray(first, first + count).reduce((all, kind) => all | (1 << kind), 0),
    types: (first, count, low) =>
      kinds.slice(first, first + count).map((kind) => (kind === 0 ? low & 0xff : (low >>> 8) & 0xff)),
    look: (keys, first, count, dense) => {
      const found = some(first, count, dense);
      if (found.length > most) return -1;
      looked = Uint32Array.from(found, ({ from, to }) => keys.keyOf(bytes, from, to));
      return new Set(looked).size;
    },
    looked: () => looked,
    get lookedRows() {
      return looked.length;
    },
    // The frame says the same whatever batches before were.
    differed: rows.length % 2 === 1,
    lookedBytes: 0,
    numbersAs: (_first, count) => new Uint8Array(count * 8),
    times: (_first, count) => new Uint8Array(count * 8),
    wholes: () => new Uint8Array(0),
    booleans: () => new Uint8Array(0),
    value: () => undefined,
    textBytes: (first, count) =>
      some(first, count, true).reduce((sum, { from, to }) => sum + to - from + 1, 0),
    texts: (first, count, dense, use) => {
      for (const { from, to } of some(first, count, dense)) {
        const head: number[] = [];
        let rest = to - from;
        for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
        use(Buffer.concat([Buffer.from([...head, rest]), bytes.subarray(from, to)]));
      }
    },
  };
  if (!isOfLines) return block;
  return Object.assign(block, {
    slices: ((first, count, dense, use) => {
      const told = some(first, count, dense).map(({ line, end, from, to }) =>
        to === from ? [0, 0] : from >= line && to <= end ? [from - line, to - from] : [0xffff_ffff, 0],
      );
      use(
        Uint32Array.from(told, ([start]) => start!),
        Uint32Array.from(told, ([, size]) => size!),
        told.filter(([start]) => start === 0xffff_ffff).length,
        told.reduce((sum, [, size]) => sum + size! + (size! < 0x80 ? 1 : size! < 0x4000 ? 2 : 3), 0),
        block.textBytes(first, count),
      );
    }) satisfies ValueBlock["slices"],
  });
}

/** Values by the block; `isOfLines` says of each block whether it is told where its lines are. */
const inBlocks =
  (most: number, isOfLines: (number: number) => boolean, mostLooked = 512): Fill =>
  (builder, rows) => {
    for (let first = 0; first < rows.length; first += most) {
      const some = rows.slice(first, first + most);
      const block = blockOf(some, isOfLines(first / most), mostLooked);
      for (const path of paths)
        if (block.kinds.includes(1))
          (builder.column(path) as unknown as BlockColumn).addBlock(builder.rows, 0, some.length, block);
      for (const row of some) endRow(builder, row);
    }
  };

function frameOf(rows: readonly Row[], fill: Fill): Buffer {
  const builder = new BatchBuilder("test", limits);
  fill(builder, rows);
  return builder.seal(stamp).frame;
}

/** Gives a changed frame a right checksum, so that the checks behind it are reached. */
function wholeFrame(frame: Buffer): Buffer {
  frame.writeUInt32LE(crc32(frame.subarray(16), crc32(frame.subarray(4, 12))), 12);
  return frame;
}

/** However a column of texts is asked, it says the same. */
function expectOneSense(column: DynamicColumn): void {
  const [texts, codes] = [column.texts(), column.codes()];
  if (!texts || !codes) return;
  for (let row = 0; row < column.rows; row++) {
    const value = (texts.index?.[row] ?? row) * 2;
    const text = texts.bytes.toString("utf8", texts.bounds[value], texts.bounds[value + 1]);
    const told = [text, codes.keys[codes.index[row]!]];
    const own = column.value(row) ?? "";
    if (told.some((each) => each !== own) || (own !== "" && !column.has(row)))
      expect.unreachable(`Row ${row} is ${JSON.stringify(own)} and ${JSON.stringify(told)}.`);
  }
}

function eventsOf(frame: Buffer): Event[] {
  const batch = decodeBatch(frame);
  for (const column of batch.columns.values()) if (column.kind === "dynamic") expectOneSense(column);
  return Array.from({ length: batch.rows }, (_, row) => batch.event(row));
}

const fills: Readonly<Record<string, Fill>> = {
  "chunks of lines": inChunks(700),
  "small chunks": inChunks(90),
  "blocks of lines": inBlocks(1_024, () => true),
  "small blocks of lines": inBlocks(100, () => true),
  "blocks of which some are of lines": inBlocks(300, (number) => number % 2 === 0),
  "blocks with too many texts": inBlocks(100, () => true, 40),
  "blocks that are of lines at last": inBlocks(300, (number) => number > 1),
};

const someText = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.toWellFormed()) },
  { weight: 1, arbitrary: fc.integer({ min: 120, max: 300 }).map((size) => "l".repeat(size)) },
);

/** Rows of which each is one of a few forms, told apart by their number: overlapping, absent, equal, whole and foreign values. */
const someRows = fc
  .tuple(
    fc.array(fc.tuple(someText, fc.nat(40), fc.nat(40), fc.nat(9)), { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 1_500 }),
    fc.boolean(),
  )
  .map(([forms, count, isMany]) =>
    Array.from({ length: count }, (_, i): Row => {
      const [text, from, size, how] = forms[i % forms.length]!;
      const raw = isMany ? `${i * 7_919} ${text}` : text;
      const characters = Array.from(raw, ({ length }) => length);
      const places = [0];
      for (const length of characters) places.push(places.at(-1)! + length);
      const start = places[Math.min(from, places.length - 1)]!;
      const end = places[Math.min(from + size, places.length - 1)]!;
      if (how === 0) return { raw, value: undefined };
      if (how === 1) return { raw, value: `elsewhere ${isMany ? i : ""}` };
      if (how === 2) return { raw, value: [0, raw.length] };
      return { raw, value: isMany && how > 5 ? [0, Math.max(end, 4)] : [start, end] };
    }),
  );

describe("texts that are parts of their lines", () => {
  it.each(Object.entries(fills))("give the events that texts by themselves give: %s", (_name, fill) => {
    fc.assert(
      fc.property(someRows, (rows) => {
        expect(eventsOf(frameOf(rows, fill))).toEqual(eventsOf(frameOf(rows, asTexts)));
      }),
      { numRuns: 25 },
    );
  });

  it.each(Object.entries(fills))("are absent where columns grow behind a gap: %s", (_name, fill) => {
    for (const gap of [3_900, 4_090, 8_150]) {
      const rows = Array.from({ length: gap + 400 }, (_, i): Row => {
        const raw = `line ${i % 300}`;
        return { raw, value: i < 100 || i >= gap ? [0, raw.length] : undefined };
      });
      expect(eventsOf(frameOf(rows, fill))).toEqual(eventsOf(frameOf(rows, asTexts)));
    }
  });

  const urls = Array.from({ length: 2_000 }, (_, i): Row => {
    const url = `/item/${i * 7_919}`;
    return { raw: `GET ${url} 200`, value: [4, 4 + url.length] };
  });

  it.each(Object.entries(fills).slice(0, 4))("take little more than their lines: %s", (_name, fill) => {
    const lines = frameOf(
      urls.map(({ raw }) => ({ raw, value: undefined })),
      asTexts,
    );
    const sliced = frameOf(urls, fill).length - lines.length;
    const plain = frameOf(urls, asTexts).length - lines.length;
    expect(sliced).toBeLessThan(plain / 2);
  });

  it("are refused where they are not in their lines, or there are none", () => {
    const other =
      (raw: (row: Row) => string): Fill =>
      (builder, rows) => {
        const block = blockOf(rows, true, rows.length);
        (builder.column("target.url") as unknown as BlockColumn).addBlock(0, 0, rows.length, block);
        for (const row of rows) endRow(builder, { ...row, raw: raw(row) });
      };
    expect(
      eventsOf(
        frameOf(
          urls,
          other(({ raw }) => raw),
        ),
      )[7]?.target?.url,
    ).toBe("/item/55433");
    for (const raw of [() => "", ({ raw }: Row) => raw.slice(0, 5)])
      expect(() => decodeBatch(frameOf(urls, other(raw)))).toThrow(
        /"target.url" has a text that is not in its line/,
      );
  });
});

const bits = new DataView(new ArrayBuffer(8));
const anyDouble = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((all) => {
  bits.setBigUint64(0, all);
  const value = bits.getFloat64(0);
  return Number.isFinite(value) ? value : 0.5;
});

/** Numbers near each other, far apart, steady, falling, or not whole. */
const someNumbers = fc
  .tuple(
    fc.oneof(fc.constantFrom(0, 1, -1, 255, 2 ** 32, 2 ** 53 - 1, 1 - 2 ** 53, 1_760_000_000_000), anyDouble),
    fc.constantFrom(0, 1, -3, 255, 70_000, 2 ** 33, 0.5),
    fc.array(fc.oneof(fc.nat(300), fc.maxSafeInteger(), anyDouble), { minLength: 1, maxLength: 5 }),
    fc.constantFrom("steps", "values", "both"),
  )
  .map(([from, step, values, how]) =>
    Array.from({ length: 600 }, (_, i) => {
      const value = how === "values" ? values[i % values.length]! : from + step * i;
      return how === "both" && i % 7 === 3 ? values[i % values.length]! : value;
    }),
  );

describe("numbers", () => {
  it("come back as they were, whatever lies between them", () => {
    fc.assert(
      fc.property(someNumbers, (numbers) => {
        const time = (value: number): string => new Date(Math.abs(Math.trunc(value)) % 8e15).toISOString();
        const events = numbers.map((n, i) => ({
          id: `${i}`,
          "@timestamp": "2026-01-02T03:04:05.678Z",
          dataType: "test",
          ...(i % 11 === 5 ? {} : { log: { n, t: i % 2 ? n : "text" } }),
          deviceTime: time(n),
          statusCode: Math.abs(Math.trunc(n)) % 2 ** 32,
          target: { bytesSent: n, packagesSent: String(BigInt(Math.abs(Math.trunc(n) % 2 ** 53)) * 1_023n) },
        }));
        const builder = new BatchBuilder("test", limits);
        for (const [i, event] of events.entries())
          builder.append(event, { source: "s", offset: i, end: i + 1 });
        const frame = builder.seal(stamp).frame;
        const plain = new BatchBuilder("test", limits);
        const read = eventsOf(frame);
        for (const [i, event] of read.entries()) plain.append(event, { source: "s", offset: i, end: i + 1 });
        expect(eventsOf(plain.seal({ ...stamp, codec: "none" }).frame)).toEqual(read);
        for (const [i, { log, statusCode, target, deviceTime }] of read.entries()) {
          const { log: own, ...event } = { log: undefined, ...events[i]! };
          expect(log).toEqual(own);
          expect(statusCode ?? 0).toBe(event.statusCode);
          expect(Object.is(target?.bytesSent ?? 0, event.target.bytesSent || 0)).toBe(true);
          expect(target?.packagesSent ?? "0").toBe(event.target.packagesSent);
          expect(deviceTime ?? time(0)).toBe(event.deviceTime);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("a hostile batch of forms", () => {
  const rows = Array.from({ length: 300 }, (_, i): Row => {
    const value: Row["value"] = i % 50 === 9 ? `own ${i}` : i % 40 === 7 ? undefined : [2, 6 + (i % 5)];
    return { raw: `${i * 31} is a line`, value };
  });
  const frame = frameOf(
    rows,
    inBlocks(300, () => true),
  );

  it("never does more than fail, whichever byte of it is changed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(frame.length - 17), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const copy = Buffer.from(frame);
          for (const [at, byte] of changes) copy[16 + at] = byte;
          try {
            eventsOf(wholeFrame(copy));
          } catch (error) {
            expect(isVedetteError(error) && error.verdict.verdict).toBe("drop");
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("is refused with the name of a packing that is not known", () => {
    const copy = Buffer.from(frame);
    const path = copy.indexOf("target.url");
    copy[path + "target.url".length + 5] = 200;
    expect(() => decodeBatch(wholeFrame(copy))).toThrow(
      /"target.url" in a packing that this program does not know/,
    );
  });
});
