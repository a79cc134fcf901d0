import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Framing, MessageCutter } from "./framing.ts";

interface Cut {
  readonly text: string;
  readonly cut: boolean;
}

/** What a connection gives whose bytes arrive in these pieces. */
function cutAll(
  pieces: readonly (string | Buffer)[],
  framing: Framing = "auto",
  maxBytes = 100,
  clean = true,
): Cut[] {
  const cutter = new MessageCutter(framing, maxBytes);
  const found = pieces.flatMap((piece) => cutter.take(Buffer.from(piece as Buffer)).map(plain));
  const last = cutter.end(clean);
  return last ? [...found, plain(last)] : found;
}
const plain = ({ bytes, cut }: { bytes: Buffer; cut: boolean }): Cut => ({
  text: bytes.toString("latin1"),
  cut,
});
const whole = (...texts: string[]): Cut[] => texts.map((text) => ({ text, cut: false }));

describe("messages of a connection", () => {
  it.each([
    { name: "lines", bytes: "<1>a\n<2>b\r\n\n<3>c", found: ["<1>a", "<2>b", "<3>c"] },
    { name: "counted", bytes: "4 <1>a5 <2>b\n<3>c\n", found: ["<1>a", "<2>b", "<3>c"] },
    {
      name: "counted with line ends inside",
      bytes: "9 <1>a\nb\0\nc5 <2>de",
      found: ["<1>a\nb\0\nc", "<2>de"],
    },
    { name: "counted with a line end between", bytes: "4 <1>a\n4 <2>b\n", found: ["<1>a", "<2>b"] },
    {
      name: "ended by zeros, lines inside",
      bytes: "<1>a\0<2>b\nc\0\0<3>d",
      found: ["<1>a", "<2>b\nc", "<3>d"],
    },
    { name: "lines with zeros inside", bytes: "<1>a\n<2>b\0<3>c\n", found: ["<1>a", "<2>b\0<3>c"] },
    {
      name: "text that begins with a number",
      bytes: "12 monkeys\n0 <1>\n1234567890 <1>x\n",
      found: ["12 monkeys", "0 <1>", "1234567890 <1>x"],
    },
    { name: "both in turn", bytes: "<1>a\n4 <2>b<3>c\n4 <4>d", found: ["<1>a", "<2>b", "<3>c", "<4>d"] },
    { name: "nothing", bytes: "\n\0\r\n", found: [] },
    { name: "a count alone", bytes: "17 ", found: ["17 "] },
  ])("$name", ({ bytes, found }) => {
    expect(cutAll([bytes])).toEqual(whole(...found));
    expect(cutAll([...bytes])).toEqual(whole(...found));
  });

  it.each([
    { name: "a zero does not end a line", framing: "newline", bytes: "a\0b\nc", found: ["a\0b", "c"] },
    {
      name: "a line end does not end what ends with zeros",
      framing: "nul",
      bytes: "a\nb\0c",
      found: ["a\nb", "c"],
    },
    { name: "a count is text to them", framing: "newline", bytes: "4 <1>a5 x\n", found: ["4 <1>a5 x"] },
    {
      name: "counted text needs no priority",
      framing: "octetCounting",
      bytes: "3 abc2 de",
      found: ["abc", "de"],
    },
  ] as const)("$name with framing $framing", ({ framing, bytes, found }) => {
    expect(cutAll([bytes], framing)).toEqual(whole(...found));
  });

  it("ends where counts are promised and missing", () => {
    const cutter = new MessageCutter("octetCounting", 100);
    expect(cutter.take(Buffer.from("3 abc<1>no count\n3 def")).map(plain)).toEqual(whole("abc"));
    expect(cutter.broken).toBe(true);
    expect(cutter.take(Buffer.from("3 def"))).toEqual([]);
  });

  it.each([
    { name: "a long line", bytes: "<1>0123456789\n<2>b\n", found: ["<1>0123456", "<2>b"] },
    { name: "a long counted one", bytes: "13 <1>01234567894 <2>b", found: ["<1>0123456", "<2>b"] },
  ])("$name is cut and the next is whole", ({ bytes, found }) => {
    const expected = [
      { text: found[0], cut: true },
      { text: found[1], cut: false },
    ];
    expect(cutAll([bytes], "auto", 10)).toEqual(expected);
    expect(cutAll([...bytes], "auto", 10)).toEqual(expected);
  });

  it("flags what the connection did not finish", () => {
    expect(cutAll(["10 <1>abc"])).toEqual([{ text: "<1>abc", cut: true }]);
    expect(cutAll(["<1>abc"], "auto", 100, false)).toEqual([{ text: "<1>abc", cut: true }]);
    expect(cutAll(["<1>abc"])).toEqual(whole("<1>abc"));
  });
});

const tokens = fc.constantFrom(
  "<",
  "<34>1 - h a - - - x",
  "\n",
  "\0",
  "\r\n",
  "5 ",
  "12 <1>",
  "999999999 ",
  "4294967296 ",
  " ",
  "é",
  "0",
);
const streams = fc
  .array(
    fc.oneof(
      tokens.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts));
const framings = fc.constantFrom<Framing>("auto", "newline", "nul", "octetCounting");

describe("any bytes", () => {
  it("give the same messages whatever the pieces, each within the bound", () => {
    fc.assert(
      fc.property(
        streams,
        framings,
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(80), { maxLength: 40 }),
        fc.boolean(),
        (bytes, framing, max, sizes, clean) => {
          const pieces: Buffer[] = [];
          let at = 0;
          for (const size of sizes) {
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          pieces.push(bytes.subarray(at));
          const inPieces = cutAll(pieces, framing, max, clean);
          expect(inPieces).toEqual(cutAll([bytes], framing, max, clean));
          for (const { text } of inPieces) expect(text.length).toBeLessThanOrEqual(max);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("are given back by a sender that counts, whatever is inside", () => {
    const messages = fc.array(
      fc.string({ unit: "binary", minLength: 1, maxLength: 60 }).map((text) => `<13>${text}|`),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(messages, (texts) => {
        const frames = texts
          .map((text) => Buffer.from(text))
          .map((bytes) => Buffer.concat([Buffer.from(`${bytes.length} `), bytes]));
        const found = new MessageCutter("auto", 1_000).take(Buffer.concat(frames));
        expect(found.map(({ bytes }) => bytes.toString())).toEqual(texts);
      }),
    );
  });
});
