import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Hash64 } from "./hash.ts";

const ofText = (text: string): string => {
  const hash = new Hash64();
  hash.ofText(text);
  return `${hash.low} ${hash.high}`;
};

const ofBytes = (bytes: Buffer, before = 0): string => {
  const hash = new Hash64();
  hash.ofBytes(
    Buffer.concat([Buffer.alloc(before, 65), bytes, Buffer.from("behind")]),
    before,
    before + bytes.length,
  );
  return `${hash.low} ${hash.high}`;
};

describe("the hash of a text", () => {
  it("is the same from a text and from its bytes, wherever they lie", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.integer({ min: 0, max: 3 }),
        (text, before) => {
          const bytes = Buffer.from(text);
          expect(ofBytes(bytes, before)).toBe(ofText(bytes.toString()));
        },
      ),
    );
  });

  it("of bytes that are no UTF-8 is that of what they read as", () => {
    const bytes = Buffer.from([0x61, 0x62, 0x63, 0xff, 0xc3, 0x28, 0x64, 0x80]);
    expect(ofBytes(bytes)).toBe(ofText(bytes.toString()));
  });

  it("tells like texts apart", () => {
    const texts = new Set<string>();
    for (let i = 0; i < 100_000; i++) texts.add(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    for (const text of ["", "\0", "\0\0", "a", "aa", "aaa", "aaaa", "aaaaa", "ü", "u\u0308"]) texts.add(text);
    expect(new Set([...texts].map(ofText)).size).toBe(texts.size);
  });

  it("of a row depends on the order, and on where one ends and the next begins", () => {
    const row = (...texts: string[]): string => {
      const all = new Hash64();
      const one = new Hash64();
      all.begin(1);
      for (const text of texts) {
        one.ofText(text);
        all.add(one.low, one.high);
      }
      return `${all.low} ${all.high}`;
    };
    expect(new Set([row("a", "b"), row("b", "a"), row("ab"), row("ab", ""), row("", "ab"), row()]).size).toBe(
      6,
    );
  });
});
