import { eventId } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf, rowWords } from "../kernels/index.ts";
import { BatchBuilder, decodeBatch, uuidv7 } from "./index.ts";

const stamp = { batchId: uuidv7(1_760_000_000_000), agentId: "agent-1", epoch: 1, sequence: 7 };
const limits = { rows: 100_000, bytes: 1 << 26 };
const facts = { time: 1_760_000_000_000, dataSource: "h", tenantId: "t", agentId: "a" };
const prefixes = ["0123456789abcdef0123", "fedcba98765432100000"];

/** Reads of files, of which some lines are dropped, and logs of other inputs between them. */
const piece = fc.record({
  text: fc
    .array(
      fc.oneof(
        { weight: 30, arbitrary: fc.constantFrom("a line\n", "another\n", "\n", "ä\n") },
        { weight: 10, arbitrary: fc.constantFrom("with return\r\n", "\0\0behind a hole\n") },
        // More than a block, just one, and such that no two are in one.
        {
          weight: 1,
          arbitrary: fc.constantFrom(70_000, 65_535, 40_000).map((size) => `${"l".repeat(size)}\n`),
        },
      ),
      { minLength: 1, maxLength: 9 },
    )
    .map((lines) => lines.join("")),
  file: fc.nat(1),
  jump: fc.constantFrom(0, 0, 0, 5, 2 ** 40),
  drops: fc.constantFrom(1, 1, 2, 3),
  between: fc.constantFrom(undefined, undefined, "", "own id", "0".repeat(32)),
});

describe("ids", () => {
  it("come back for every row, whatever lines were dropped and whatever came between", () => {
    const kernel = linesOf(1 << 20);
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 12 }),
        fc.constantFrom("lz4", "none", "zstd"),
        (pieces, codec) => {
          const builder = new BatchBuilder("test", limits);
          const expected: [string, string][] = [];
          const places = [0, 0];
          const log = (id: string): void => {
            builder.endRow(0);
            builder.log(id, "log", facts, { source: "s", offset: 0, end: 1 });
            expected.push([id, "log"]);
          };
          log("first");
          for (const { text, file, jump, drops, between } of pieces) {
            const bytes = kernel.buffer.write(text);
            const base = places[file]! + jump;
            const idPrefix = prefixes[file]!;
            const count = kernel.split(0, bytes);
            let kept = 0;
            for (let row = 0; row < count; row += drops) {
              kernel.rows.copyWithin(kept++ * rowWords, row * rowWords, (row + 1) * rowWords);
              const [start, from, to] = kernel.rows.subarray(row * rowWords);
              expected.push([eventId(idPrefix, base + start!), kernel.buffer.toString("utf8", from, to)]);
              builder.endRow(0);
            }
            builder.lines({ lines: kernel, first: 0, base, idPrefix }, facts);
            places[file] = base + bytes;
            if (between !== undefined) log(between);
          }
          const batch = decodeBatch(builder.seal({ ...stamp, codec: codec as "lz4" }).frame);
          const read = expected.map((_, row) => batch.event(row)).map(({ id = "", raw = "" }) => [id, raw]);
          expect(read).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("of lines that follow each other take next to nothing", () => {
    const kernel = linesOf(1 << 16);
    const sized = (rows: number): number => {
      const builder = new BatchBuilder("test", limits);
      const bytes = kernel.buffer.write("0123456\n".repeat(rows));
      kernel.split(0, bytes);
      for (let row = 0; row < rows; row++) builder.endRow(0);
      builder.lines({ lines: kernel, first: 0, base: 77, idPrefix: prefixes[0]! }, facts);
      return builder.seal(stamp).frame.length;
    };
    // Those of the 4,000 lines themselves would be at least 12 bytes each.
    expect(sized(4_010) - sized(10)).toBeLessThan(1_000);
  });
});
