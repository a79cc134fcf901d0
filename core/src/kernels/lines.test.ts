import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Lines, rowCapacity, rowWords } from "./lines.ts";
import { PlainLines } from "./lines-js.ts";
import { WasmLines } from "./lines-wasm.ts";
import { linesOf } from "./open-lines.ts";

const bytes = 300_000;
const wasm = WasmLines.open(bytes);

/** Everything a kernel says of bytes that lie at some place of its buffer. */
function told(lines: Lines, content: Buffer, at: number, base: number) {
  lines.buffer.fill(0xff);
  lines.buffer.set(content, at);
  const rows: number[][] = [];
  const texts: Buffer[] = [];
  const ids: Buffer[] = [];
  for (let from = at; from < at + content.length; from += lines.consumed) {
    const count = lines.split(from, at + content.length);
    for (let row = 0; row < count; row++) {
      const words = lines.rows.subarray(row * rowWords, (row + 1) * rowWords);
      rows.push([...words].map((word) => word + from - at));
    }
    const first = Math.min(1, count);
    lines.texts(0, first, (part) => texts.push(Buffer.from(part)));
    lines.texts(first, count - first, (part) => texts.push(Buffer.from(part)));
    lines.ids(0, count, "0123456789abcdef0123", base + from - at, (part) => ids.push(Buffer.from(part)));
  }
  return { rows, texts: Buffer.concat(texts), ids: Buffer.concat(ids).toString("latin1") };
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
      fc.property(content, fc.nat({ max: 70 }), fc.nat({ max: 2 ** 47 }), (some, at, base) => {
        expect(told(wasm!, some, at, base)).toEqual(told(plain, some, at, base));
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
      const { rows, texts, ids } = told(open(), some, 3, 0xfedc_ba98_7654);
      expect(rows).toEqual([
        [0, 0, 3, 4],
        [5, 7, 10, 12],
        [16, 16, 22, 24],
      ]);
      expect(texts.toString("latin1")).toBe("\x03one\x03two\x06three\r");
      expect(ids.match(/.{33}/gs)).toEqual([
        " 0123456789abcdef0123fedcba987654",
        " 0123456789abcdef0123fedcba987659",
        " 0123456789abcdef0123fedcba987664",
      ]);
    });

    it("goes on where the rows were full, and takes texts of any length", () => {
      const many = "ab\n".repeat(rowCapacity + 10);
      const long = `${"l".repeat(70_000)}\n`;
      const { rows, texts, ids } = told(open(), Buffer.from(`${many}${long}${many}${long}`), 1, 0);
      expect(rows).toHaveLength(2 * (rowCapacity + 11));
      expect(texts.length).toBe(2 * (3 * (rowCapacity + 10) + 3 + 70_000));
      expect(ids.length).toBe(33 * rows.length);
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
