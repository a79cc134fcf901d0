import { describe, expect, it } from "vitest";
import { textOf } from "./index.ts";

describe("the text of bytes", () => {
  it.each([
    { name: "whole", bytes: Buffer.from("aé€😀"), max: 10, raw: "aé€😀", kind: undefined },
    { name: "cut behind a character", bytes: Buffer.from("aé€😀"), max: 6, raw: "aé€", kind: "cut" },
    { name: "cut inside the last character", bytes: Buffer.from("aé€😀"), max: 9, raw: "aé€", kind: "cut" },
    {
      name: "cut inside a character of two bytes",
      bytes: Buffer.from("aé€😀"),
      max: 2,
      raw: "a",
      kind: "cut",
    },
    { name: "not UTF-8", bytes: Buffer.from([0x61, 0xff, 0x62]), max: 10, raw: "a\ufffdb", kind: "not_utf8" },
    {
      name: "of zeros and newlines",
      bytes: Buffer.from("a\u0000\nb"),
      max: 10,
      raw: "a\u0000\nb",
      kind: undefined,
    },
    { name: "of no bytes", bytes: Buffer.alloc(0), max: 10, raw: "", kind: undefined },
  ])("$name", ({ bytes, max, raw, kind }) => {
    expect(textOf(bytes, max)).toMatchObject({ raw, kind });
  });

  it("is cut inside a character also where the rest never came", () => {
    expect(textOf(Buffer.from("aé").subarray(0, 2), 2, true)).toMatchObject({ raw: "a", kind: "cut" });
  });
});
