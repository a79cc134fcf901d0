import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { checksum, wasmChecksum } from "./checksum.ts";

const wasm = wasmChecksum()!;

const pattern = (size: number, factor: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => Math.imul(i + 1, factor) >>> 24);

it("is that of Node, of bytes of any number and behind any others", () => {
  const size = fc.oneof(
    fc.nat(300_000),
    fc.nat(200).map((more) => 65_536 + 4_700 + more),
  );
  fc.assert(
    fc.property(size, fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), fc.nat(7), (size, factor, value, from) => {
      const bytes = pattern(size, factor).subarray(from);
      expect(wasm(bytes, value)).toBe(crc32(bytes, value));
    }),
    { numRuns: 50 },
  );
});

it("tells each byte that is changed", () => {
  const bytes = pattern(200_000, 0x9e3779b1);
  const before = checksum(bytes, 0);
  for (let at = 0; at < bytes.length; at += 9_973) {
    bytes[at]! ^= 1;
    expect(checksum(bytes, 0)).not.toBe(before);
    bytes[at]! ^= 1;
  }
  expect(checksum(bytes, 0)).toBe(before);
});
