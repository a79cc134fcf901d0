import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { checksum } from "./checksum.ts";

const pattern = (size: number, factor: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => Math.imul(i + 1, factor) >>> 24);

it("is that of Node, of bytes of any number and behind any others", () => {
  const size = fc.oneof(
    fc.nat(300_000),
    fc
      .constantFrom(32_768, 65_536 + 4_800, 131_072 + 4_800)
      .chain((most) => fc.nat(200).map((less) => most + 100 - less)),
  );
  fc.assert(
    fc.property(size, fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), fc.nat(7), (size, factor, value, from) => {
      const bytes = pattern(size, factor).subarray(from);
      expect(checksum(bytes, value)).toBe(crc32(bytes, value));
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
