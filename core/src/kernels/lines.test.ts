import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Lines, rowCapacity, rowWords } from "./lines.ts";
import { PlainLines } from "./lines-js.ts";
import { WasmLines } from "./lines-wasm.ts";
import { linesOf } from "./open-lines.ts";
import { pieceBytes } from "./pack.ts";
import { PlainPacker } from "./pack-js.ts";

const bytes = 300_000;
const wasm = WasmLines.open(bytes);

const packer = new PlainPacker();
const mark = 0x8000_0000;

/** What rows are packed as, in which are the texts of `parts`. */
function packedOf(lines: Lines, first: number, count: number, parts: readonly Buffer[]): Buffer {
  const blocks: Buffer[] = [];
  lines.blocks(first, count, mark, (some) => blocks.push(Buffer.from(some)));
  const all = Buffer.concat(blocks);
  const texts: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const size = all.readUInt32LE(at) - mark;
    const kept = all.readUInt32LE(at + 4);
    const block = all.subarray(at + 8, at + 8 + kept);
    expect(block.length).toBe(kept);
    expect(kept).toBeLessThanOrEqual(size);
    const text = Buffer.from(kept === size ? block : packer.unpack(block, size)!);
    expect(text.length).toBe(size);
    expect(text.at(-1)).toBe(10);
    texts.push(text);
    at += 8 + kept;
  }
  expect(Buffer.concat(texts).equals(Buffer.concat(parts))).toBe(true);
  return all;
}

/** Everything a kernel says of bytes that lie at some place of its buffer. */
function told(lines: Lines, content: Buffer, at: number) {
  lines.buffer.fill(0xff);
  lines.buffer.set(content, at);
  const rows: number[][] = [];
  const texts: Buffer[] = [];
  const longest: number[] = [];
  const dense: unknown[] = [];
  const blocks: Buffer[] = [];
  for (let from = at; from < at + content.length; from += lines.consumed) {
    const count = lines.split(from, at + content.length);
    longest.push(lines.longest);
    dense.push(lines.ascii, lines.passed);
    for (let row = 0; row < count; row++) {
      const words = lines.rows.subarray(row * rowWords, (row + 1) * rowWords);
      rows.push([...words].map((word) => word + from - at));
    }
    const first = Math.min(1, count);
    for (const [from, some] of [
      [0, first],
      [first, count - first],
    ] as const) {
      if (some === 0) continue;
      const isDense = lines.isDense(from, some);
      dense.push(isDense, lines.stringBytes);
      const parts: Buffer[] = [];
      lines.pieces(from, some, (part) => parts.push(Buffer.from(part)));
      for (const part of parts) {
        expect(part.at(-1)).toBe(10);
        expect(part.length <= pieceBytes || part.indexOf(10) === part.length - 1).toBe(true);
      }
      texts.push(...parts);
      if (isDense && lines.longest < pieceBytes) blocks.push(packedOf(lines, from, some, parts));
    }
  }
  return { rows, longest, dense, blocks, texts: Buffer.concat(texts) };
}

const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "bc", "\n", "\n", "\r\n", "\r", "ü", "\0", "\0\0\n") },
  { weight: 1, arbitrary: fc.nat({ max: 300 }).map((length) => "x".repeat(length)) },
);
const content = fc.array(piece, { maxLength: 60 }).map((parts) => Buffer.from(`${parts.join("")}\n`, "utf8"));

describe("the lines kernel", () => {
  it("is compiled to WebAssembly by the set-up", () => {
    expect(wasm).toBeDefined();
  });

  it("says of any bytes what its plain twin says", () => {
    const plain = new PlainLines(bytes);
    fc.assert(
      fc.property(content, fc.nat({ max: 70 }), (some, at) => {
        expect(told(wasm!, some, at)).toEqual(told(plain, some, at));
      }),
      { numRuns: 1_000 },
    );
  });

  it("packs the same blocks as its plain twin, of any sizes of lines", () => {
    const plain = new PlainLines(bytes);
    const line = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.nat({ max: 250 }).map((length) => "GET /a HTTP/1.1 ".repeat(20).slice(0, length + 1)),
      },
      // What becomes no smaller, up to the most that a block takes.
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.nat(), fc.constantFrom(900, 30_000, 65_535))
          .map(([seed, length]) =>
            String.fromCharCode(
              ...Array.from({ length }, (_, i) => 32 + ((Math.imul(i + seed, 0x9e3779b1) >>> 9) % 95)),
            ),
          ),
      },
    );
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 400, size: "max" }),
        fc.nat({ max: 70 }),
        (some, at) => {
          const content = Buffer.from(`${some.join("\n")}\n`, "latin1").subarray(0, bytes - 100);
          content[content.length - 1] = 10;
          const { blocks } = told(wasm!, content, at);
          expect(blocks).toEqual(told(plain, content, at).blocks);
          expect(blocks.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 20 },
    );
  });

  describe.each([
    ["WebAssembly", () => wasm!],
    ["plain", () => new PlainLines(bytes)],
  ])("%s", (_, open) => {
    it("cuts lines, without zeros before, carriage returns behind and empty ones", () => {
      const some = Buffer.from("one\n\n\0\0two\r\n\r\n\0\nthree\r\r\n");
      const { rows, texts } = told(open(), some, 3);
      expect(rows).toEqual([
        [0, 0, 3, 4],
        [5, 7, 10, 12],
        [16, 16, 22, 24],
      ]);
      expect(texts.toString("latin1")).toBe("one\ntwo\nthree\r\n");
    });

    it("goes on where the rows were full, and takes texts of any length", () => {
      const many = "ab\n".repeat(rowCapacity + 10);
      const long = `${"l".repeat(70_000)}\n`;
      const some = Buffer.from(`${many}${long}${many}${long}`);
      const { rows, texts } = told(open(), some, 1);
      expect(rows).toHaveLength(2 * (rowCapacity + 11));
      expect(texts.length).toBe(some.length);
    });
  });

  describe("where it is unwanted", () => {
    afterEach(() => {
      delete process.env["VEDETTE_KERNELS"];
    });

    it("is the plain one", () => {
      process.env["VEDETTE_KERNELS"] = "js";
      expect(linesOf(100)).toBeInstanceOf(PlainLines);
      delete process.env["VEDETTE_KERNELS"];
      expect(linesOf(100)).toBeInstanceOf(WasmLines);
    });
  });
});
