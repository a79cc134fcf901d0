import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../batch/bytes.ts";
import { type Packer, packedBytes, pieceBytes } from "./pack.ts";
import { PlainPacker } from "./pack-js.ts";
import { WasmPacker } from "./pack-wasm.ts";

const plain = new PlainPacker();
const wasm = WasmPacker.open()!;
const own = (bytes: Uint8Array | undefined): Buffer | undefined => bytes && Buffer.from(bytes);

/** Bytes in which much comes again, at all distances, and such in which nothing does. */
const someBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        ...["GET /index.html 200", "a", ' - - [27/Nov/2026:06:30:48 +0000] "GET '].map((it) =>
          Buffer.from(it),
        ),
      ),
      fc.tuple(fc.nat(255), fc.nat(600)).map(([byte, size]) => Buffer.alloc(size, byte)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts).subarray(0, pieceBytes));

/** Lines in which words come again, between others, at the ends of a block as well. */
const someText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "GET /shop/item/",
        ' HTTP/1.1" 200 ',
        '"-" "Mozilla/5.0 (X11; Linux x86_64; rv:141.0)',
        "é ",
        "\u0001",
      ),
      fc.nat(99_999).map(String),
      fc.string({ maxLength: 30 }),
      fc.nat(400).map((size) => "=".repeat(size)),
    ),
    { minLength: 60, maxLength: 400 },
  )
  .map((parts) => Buffer.from(parts.join(" ")).subarray(0, pieceBytes));

describe("blocks", () => {
  it.each([
    ["bytes", someBytes],
    ["text", someText],
  ])("of %s give back what was packed, and both twins make the same ones", (_name, some) => {
    fc.assert(
      fc.property(some, (bytes) => {
        const packed = own(wasm.pack(bytes))!;
        expect(own(plain.pack(bytes))).toEqual(packed);
        for (const each of [wasm, plain]) expect(own(each.unpack(packed, bytes.length))).toEqual(bytes);
      }),
    );
  });

  it.each([
    ["of nothing", Buffer.alloc(0)],
    ["of one value", Buffer.alloc(pieceBytes, 7)],
    ["of text", readFileSync(new URL("./pack.test.ts", import.meta.url)).subarray(0, pieceBytes)],
    [
      "of what never comes again",
      Buffer.from(Uint32Array.from({ length: pieceBytes / 4 }, (_, i) => Math.imul(i, 0x9e3779b1)).buffer),
    ],
  ])("%s are as large as allowed at most", (_name, bytes) => {
    const packed = own(wasm.pack(bytes))!;
    expect(packed.length).toBeLessThanOrEqual(packedBytes);
    expect(own(plain.pack(bytes))).toEqual(packed);
    for (const each of [wasm, plain]) expect(own(each.unpack(packed, pieceBytes))?.equals(bytes)).toBe(true);
  });

  it("are found again over all of a piece", () => {
    const line = Buffer.from("a line that is long enough to be found again at the other end of it");
    const filler = Uint8Array.from({ length: pieceBytes - line.length * 2 }, (_, i) => Math.imul(i, i) >>> 7);
    const bytes = Buffer.concat([line, filler, line]);
    expect(own(wasm.unpack(own(wasm.pack(bytes))!, pieceBytes))).toEqual(bytes);
  });

  it("that are damaged, or do not fit, are refused or give other bytes, and both twins say the same", () => {
    fc.assert(
      fc.property(someBytes, fc.nat(), fc.nat(255), fc.nat(3), (bytes, place, byte, cut) => {
        const packed = own(wasm.pack(bytes))!;
        packed[place % packed.length] = byte;
        const some = packed.subarray(0, packed.length - Math.min(cut, packed.length));
        const room = Math.max(0, bytes.length - cut);
        const [one, other] = ([wasm, plain] as readonly Packer[]).map((each) => own(each.unpack(some, room)));
        expect(one).toEqual(other);
      }),
    );
    expect(wasm.unpack(Buffer.alloc(packedBytes + 1), pieceBytes)).toBeUndefined();
  });

  it("of lines become texts behind their lengths, with both twins", () => {
    const line = fc.oneof(
      fc.constantFrom("", "a", "x".repeat(127), "y".repeat(128), "z".repeat(129), "l".repeat(16_384)),
      fc.string({ maxLength: 40 }).map((text) => text.replaceAll("\n", "")),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), (lines) => {
        const bytes = Buffer.from(`${lines.join("\n")}\n`);
        fc.pre(bytes.length <= pieceBytes);
        const out = new ByteWriter();
        for (const each of lines) out.text(each);
        for (const each of [wasm, plain]) expect(own(each.strings(bytes))).toEqual(Buffer.from(out.view()));
        const packed = own(wasm.pack(bytes))!;
        expect(own(wasm.strings(wasm.unpack(packed, bytes.length)!))).toEqual(Buffer.from(out.view()));
      }),
    );
    for (const each of [wasm, plain]) expect(each.strings(Buffer.from("no end"))).toBeUndefined();
    const most = Buffer.from(`${"m".repeat(128)}\n`.repeat(508));
    for (const each of [wasm, plain]) expect(each.strings(most)?.length).toBe(508 * 130);
  });

  it("are those of LZ4's format", () => {
    // "abcd" five times and "12345": 4 literals, a match at distance 4 of 16 bytes, 5 literals.
    const block = Buffer.from([0x4c, 0x61, 0x62, 0x63, 0x64, 4, 0, 0x50, 0x31, 0x32, 0x33, 0x34, 0x35]);
    const text = Buffer.from("abcdabcdabcdabcdabcd12345");
    for (const each of [wasm, plain]) expect(own(each.unpack(block, text.length))).toEqual(text);
  });
});
