import type { Event } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { BatchBuilder, decodeBatch, type TextColumnBuilder, uuidv7, withChunk } from "./index.ts";

const stamp = { batchId: uuidv7(1_760_000_000_000), agentId: "agent-1", epoch: 1, sequence: 7 };
const limits = { rows: 1_000_000, bytes: 1 << 30 };
const facts = { time: 1_760_000_000_000, dataSource: "", tenantId: "t", agentId: "a" };

/** A batch with one value of each path a row; undefined leaves a row empty. */
function batchOf(
  rows: number,
  value: (row: number) => string | undefined,
  asBytes: (row: number) => boolean,
) {
  const builder = new BatchBuilder("test", limits);
  for (let row = 0; row < rows; row++) {
    const text = value(row);
    for (const path of text === undefined ? [] : ["origin.host", "log.text"]) {
      const column = builder.column(path) as TextColumnBuilder;
      const line = Buffer.from(`before ${text} behind`);
      if (asBytes(row)) column.addSlice(row, line, 7, line.length - 7);
      else column.add(row, text);
    }
    builder.endRow(0);
    builder.log(`${row}`, "", facts, { source: "s", offset: row, end: row + 1 });
  }
  return seen(builder, rows);
}

/** As `batchOf`, with all lines of some rows in one chunk; where `asText` says so, a value comes as a text among the others. */
function chunksOf(
  rows: number,
  value: (row: number) => string | undefined,
  asText: (row: number) => boolean,
) {
  const builder = new BatchBuilder("test", limits);
  for (let first = 0, size = 1; first < rows; first += size, size = Math.min(size * 3, rows - first)) {
    const texts = Array.from({ length: size }, (_, i) => value(first + i));
    const bytes = Buffer.concat(texts.map((text) => Buffer.from(`before ${text ?? ""} behind`)));
    withChunk(bytes, () => {
      let at = 0;
      for (const [i, text] of texts.entries()) {
        const end = at + Buffer.byteLength(`before ${text ?? ""} behind`);
        for (const path of text === undefined ? [] : ["origin.host", "log.text"]) {
          const column = builder.column(path) as TextColumnBuilder;
          if (asText(first + i)) column.add(first + i, text);
          else column.addSlice(first + i, bytes, at + 7, end - 7);
        }
        at = end;
        builder.endRow(0);
        builder.log(`${first + i}`, "", facts, { source: "s", offset: first + i, end: first + i + 1 });
      }
    });
    // Nobody looks at the bytes any more.
    bytes.fill("?");
  }
  return seen(builder, rows);
}

function seen(builder: BatchBuilder, rows: number): [unknown, unknown][] {
  const batch = decodeBatch(builder.seal(stamp).frame);
  return Array.from({ length: rows }, (_, row): [unknown, unknown] => {
    const event: Event = batch.event(row);
    return [event.origin?.host, event.log?.["text"]];
  });
}

const texts: Readonly<Record<string, (row: number) => string | undefined>> = {
  "few texts": (row) =>
    ["a", "two words", "x".repeat(127), "x".repeat(128), "ü€", "b".repeat(5_000)][row % 6],
  "texts that all differ": (row) => `${row} ${"y".repeat(row % 200)}`,
  "few at first, then many": (row) => (row < 600 ? `${row % 7}` : `${"z".repeat(row % 50)}${row}`),
  "texts too long for many": (row) => (row % 50 === 7 ? `${row}${"l".repeat(70_000)}` : `${row}`),
  "rows without a text": (row) => (row % 3 === 0 ? undefined : row % 5 === 0 ? "" : `v${row % 40}`),
};

describe("a column of texts takes them as bytes too", () => {
  it.each(Object.entries(texts))("%s", (_name, value) => {
    const expected = batchOf(3_000, value, () => false);
    expect(batchOf(3_000, value, () => true)).toEqual(expected);
    expect(batchOf(3_000, value, (row) => row % 2 === 0)).toEqual(expected);
    expect(chunksOf(3_000, value, () => false)).toEqual(expected);
    expect(chunksOf(3_000, value, (row) => row % 7 === 3)).toEqual(expected);
    expect(expected[1]).toEqual([value(1), value(1)]);
  });
});
