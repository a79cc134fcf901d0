import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Lines, rowCapacity, rowWords } from "./lines.ts";
import { PlainLines } from "./lines-js.ts";
import { WasmLines } from "./lines-wasm.ts";
import { linesOf } from "./open-lines.ts";

const bytes = 300_000;
const wasm = WasmLines.open(bytes);

/** Everything a kernel says of bytes that lie at some place of its buffer. */
function told(lines: Lines, content: Buffer, at: number) {
  lines.buffer.fill(0xff);
  lines.buffer.set(content, at);
  const rows: number[][] = [];
  const texts: Buffer[] = [];
  const longest: number[] = [];
  for (let from = at; from < at + content.length; from += lines.consumed) {
    const count = lines.split(from, at + content.length);
    longest.push(lines.longest);
    for (let row = 0; row < count; row++) {
      const words = lines.rows.subarray(row * rowWords, (row + 1) * rowWords);
      rows.push([...words].map((word) => word + from - at));
    }
    const first = Math.min(1, count);
    lines.texts(0, first, (part) => texts.push(Buffer.from(part)));
    lines.texts(first, count - first, (part) => texts.push(Buffer.from(part)));
  }
  return { rows, longest, texts: Buffer.concat(texts) };
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
      expect(texts.toString("latin1")).toBe("\x03one\x03two\x06three\r");
    });

    it("goes on where the rows were full, and takes texts of any length", () => {
      const many = "ab\n".repeat(rowCapacity + 10);
      const long = `${"l".repeat(70_000)}\n`;
      const { rows, texts } = told(open(), Buffer.from(`${many}${long}${many}${long}`), 1);
      expect(rows).toHaveLength(2 * (rowCapacity + 11));
      expect(texts.length).toBe(2 * (3 * (rowCapacity + 10) + 3 + 70_000));
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
