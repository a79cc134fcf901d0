import type { Code, Label, Local } from "../../../../kernels/index.ts";
import { type CharSet, negate } from "../../../regex/index.ts";

/** Most ranges that are compared one by one; more are looked up. */
const fewRanges = 2;

/** Of a set what is ASCII. */
export function asciiOf(set: CharSet): CharSet {
  const ranges: number[] = [];
  for (let at = 0; at < set.length && set[at]! < 128; at += 2)
    ranges.push(set[at]!, Math.min(set[at + 1]!, 127));
  return ranges;
}

/** The only character of a set among ASCII. */
export function charOf(set: CharSet): number | undefined {
  return set.length === 2 && set[0] === set[1] && set[0]! < 128 ? set[0] : undefined;
}

const filled = (byte: number): number[] => new Array<number>(16).fill(byte);

/** Takes a byte from the stack and leaves whether it is in a set of ASCII characters. */
export function isIn(code: Code, ascii: CharSet): void {
  if (ascii.length <= 2) {
    const [from = 128, to = 128] = ascii;
    if (from === to) code.i32(from).op("i32Eq");
    else
      code
        .i32(from)
        .op("i32Sub")
        .i32(to - from)
        .op("i32LeU");
    return;
  }
  let bits = 0n;
  for (let at = 0; at < ascii.length; at += 2)
    for (let byte = ascii[at]!; byte <= ascii[at + 1]!; byte++) bits |= 1n << BigInt(byte);
  const byte = code.local("i32");
  code
    .set(byte)
    .i64(bits & 0xffff_ffff_ffff_ffffn)
    .i64(bits >> 64n)
    .get(byte)
    .i32(64)
    .op("i32LtU", "select")
    .get(byte)
    .op("i64Extend", "i64ShrU", "i32Wrap")
    .i32(1)
    .op("i32And");
}

/** Leaves the bytes that are in some ranges, each all ones, of those in `bytes`. */
function inRanges(code: Code, bytes: Local, ascii: CharSet): void {
  for (let at = 0; at < ascii.length; at += 2) {
    const [from, to] = [ascii[at]!, ascii[at + 1]!];
    if (from === to) code.get(bytes).bytes16(filled(from)).wide("eq");
    else if (from === 0) code.get(bytes).bytes16(filled(to)).wide("leU");
    else
      code
        .get(bytes)
        .bytes16(filled(from))
        .wide("sub")
        .bytes16(filled(to - from))
        .wide("leU");
    if (at > 0) code.wide("or");
  }
}

/** Leaves the bytes that are not in a set, looked up by their halves. */
function lookedUp(code: Code, bytes: Local, ascii: CharSet): void {
  const rows = filled(0);
  for (let at = 0; at < ascii.length; at += 2)
    for (let byte = ascii[at]!; byte <= ascii[at + 1]!; byte++) rows[byte & 15]! |= 1 << (byte >> 4);
  code.bytes16(rows).get(bytes).bytes16(filled(15)).wide("and", "swizzle");
  code.bytes16(Array.from({ length: 8 }, (_, high) => 1 << high));
  code.get(bytes).i32(4).wide("shrU", "swizzle", "and").bytes16(filled(0)).wide("eq");
}

/** Leaves a bit for each of the 16 bytes at a place: 1 where it is not in a set. */
export function outside(code: Code, at: Local, ascii: CharSet): void {
  const left = asciiOf(negate(ascii));
  if (left.length === 0 || ascii.length === 0) {
    code.i32(left.length === 0 ? 0 : 0xffff);
    return;
  }
  const bytes = code.local("v128");
  code.get(at).load16().set(bytes);
  if (left.length <= ascii.length && left.length <= fewRanges * 2) inRanges(code, bytes, left);
  else if (ascii.length <= fewRanges * 2) {
    inRanges(code, bytes, ascii);
    code.wide("bitmask").i32(0xffff).op("i32Xor");
    return;
  } else lookedUp(code, bytes, ascii);
  code.wide("bitmask");
}

/** Moves a place to the first byte that is not in a set, or to `end`. Reads up to 15 bytes past that. */
export function passOver(code: Code, at: Local, end: Local, set: CharSet): void {
  const ascii = asciiOf(set);
  if (ascii.length === 0) return;
  if (ascii[0] === 0 && ascii[1] === 127) {
    code.get(end).set(at);
    return;
  }
  const bits = code.local("i32");
  code.block((found) => {
    code.loop((again) => {
      outside(code, at, ascii);
      code.tee(bits).op("i32Eqz");
      code.if(
        () => {
          code.get(at).i32(16).op("i32Add").tee(at).get(end).op("i32LtU").brIf(again).br(found);
        },
        () => {
          code.get(at).get(bits).op("i32Ctz", "i32Add").set(at);
        },
      );
    });
  });
  code.get(at).get(end).get(at).get(end).op("i32LtU", "select").set(at);
}

/** As `passOver`, by at most 15 bytes; leaves how many there were. */
export function passFew(code: Code, at: Local, end: Local, set: CharSet, most: number): void {
  const before = code.local("i32");
  const to = code.local("i32");
  code.get(at).tee(before);
  outside(code, at, asciiOf(set));
  code
    .i32(1 << most)
    .op("i32Or", "i32Ctz", "i32Add")
    .tee(to);
  code.get(end).get(to).get(end).op("i32LtU", "select").tee(at).get(before).op("i32Sub");
}

const word = (text: string, from: number, size: number): bigint => {
  let value = 0n;
  for (let index = 0; index < size; index++)
    value |= BigInt(text.charCodeAt(from + index)) << BigInt(8 * index);
  return value;
};

/** Leaves whether a text, in ASCII and not empty, lies at a place. The caller knows that there are as many bytes. */
export function isText(code: Code, at: Local, text: string, offset = 0): void {
  const size = text.length;
  const eight = (from: number): void => {
    code
      .get(at)
      .at("i64Load", offset + from)
      .i64(word(text, from, 8))
      .op("i64Eq");
  };
  if (size === 1) code.get(at).at("i32Load8", offset).i32(text.charCodeAt(0)).op("i32Eq");
  else if (size === 2)
    code
      .get(at)
      .at("i32Load16", offset)
      .i32(Number(word(text, 0, 2)))
      .op("i32Eq");
  else if (size === 4)
    code
      .get(at)
      .at("i32Load", offset)
      .i32(Number(word(text, 0, 4)))
      .op("i32Eq");
  else if (size < 8) {
    code
      .get(at)
      .at("i64Load", offset)
      .i64((1n << BigInt(8 * size)) - 1n);
    code
      .op("i64And")
      .i64(word(text, 0, size))
      .op("i64Eq");
  } else if (size <= 16) {
    eight(0);
    if (size === 8) return;
    eight(size - 8);
    code.op("i32And");
  } else {
    for (let from = 0; from < size; from += 16) {
      const first = Math.min(from, size - 16);
      code.get(at).load16(offset + first);
      code.bytes16([...Buffer.from(text.slice(first, first + 16), "latin1")]).wide("eq", "allTrue");
      if (from > 0) code.op("i32And");
    }
  }
}

/** Branches away unless a byte each of some sets follows; the caller knows that there are as many bytes. */
export function requireSets(code: Code, at: Local, sets: readonly CharSet[], fail: Label): void {
  const ascii = sets.map(asciiOf);
  const chars = ascii.map(charOf);
  if (chars.every((char) => char !== undefined)) {
    isText(code, at, String.fromCharCode(...chars));
    code.op("i32Eqz").brIf(fail);
    return;
  }
  const one = (index: number): void => {
    code.get(at).at("i32Load8", index);
    isIn(code, ascii[index]!);
    code.op("i32Eqz").brIf(fail);
  };
  if (sets.length < 3) {
    for (const index of sets.keys()) one(index);
    return;
  }
  for (let from = 0; from < sets.length; from += 16) {
    const some = ascii.slice(from, from + 16);
    // Bytes behind these may be whatever they are.
    const lows = some.map((set) => set[0] ?? 255);
    const spans = Array.from({ length: 16 }, (_, index) => {
      const set = some[index];
      return set === undefined ? 255 : (set.at(-1) ?? 255) - (set[0] ?? 255);
    });
    code.get(at).load16(from).bytes16(lows).wide("sub").bytes16(spans).wide("leU", "allTrue");
    code.op("i32Eqz").brIf(fail);
  }
  for (const [index, set] of ascii.entries()) if (set.length !== 2) one(index);
}

/** Leaves a bit for each of the 16 bytes at a place where `text` may begin: its first and its last byte are there. */
function mayBegin(code: Code, block: Local, text: string): void {
  const last = text.length - 1;
  code
    .get(block)
    .load16()
    .bytes16(filled(text.charCodeAt(0)))
    .wide("eq");
  if (last > 0)
    code
      .get(block)
      .load16(last)
      .bytes16(filled(text.charCodeAt(last)))
      .wide("eq", "and");
  code.wide("bitmask");
}

/** Moves a place to the end of the last `text` that begins in `[at, most]` and ends up to `end`, or branches away. */
export function toLast(code: Code, at: Local, most: Local, end: Local, text: string, fail: Label): void {
  const size = text.length;
  const block = code.local("i32");
  const place = code.local("i32");
  const bits = code.local("i32");
  const bit = code.local("i32");
  // The last place where it could begin.
  code.get(end).i32(size).op("i32Sub").tee(place).get(most).get(place).get(most).op("i32LtU", "select");
  code.i32(15).op("i32Sub").set(block);
  code.get(at).i32(size).op("i32Add").get(end).op("i32GtU").brIf(fail);
  code.block((found) => {
    code.loop((again) => {
      code.get(block).i32(15).op("i32Add").get(at).op("i32LtU").brIf(fail);
      mayBegin(code, block, text);
      code.set(bits);
      // Not before `at`.
      code.get(block).get(at).op("i32LtU");
      code.if(() => code.get(bits).i32(-1).get(at).get(block).op("i32Sub", "i32Shl", "i32And").set(bits));
      code.block((none) => {
        code.loop((next) => {
          code.get(bits).op("i32Eqz").brIf(none);
          code.i32(31).get(bits).op("i32Clz", "i32Sub").tee(bit).get(block).op("i32Add").set(place);
          if (size > 2) {
            code.get(bits).i32(1).get(bit).op("i32Shl", "i32Xor").set(bits);
            isText(code, place, text);
            code.brIf(found).br(next);
          } else code.br(found);
        });
      });
      code.get(block).i32(16).op("i32Sub").set(block).br(again);
    });
  });
  code.get(place).i32(size).op("i32Add").set(at);
}

/** As `toLast`, where all before the text has to be of a set: no more than that is looked at, and the search is made again where it is not. */
export function toLastAmong(
  code: Code,
  at: Local,
  limit: Local,
  end: Local,
  set: CharSet,
  text: string,
  fail: Label,
): void {
  const [most, passed, begin, behind] = [
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
  ];
  code.get(limit).set(most);
  code.loop((again) => {
    code.get(at).tee(passed).set(behind);
    toLast(code, behind, most, end, text, fail);
    code.get(behind).i32(text.length).op("i32Sub").set(begin);
    passOver(code, passed, begin, set);
    // Once more, up to what is not of the set.
    code.get(passed).tee(most).get(begin).op("i32LtU").brIf(again);
  });
  code.get(behind).set(at);
}

/** Moves a place behind the last `char` among characters of a set and the one behind these, or branches away: one way through the text. */
export function toLastChar(code: Code, at: Local, end: Local, set: CharSet, char: string, fail: Label): void {
  const [block, found, stops, last] = [
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
  ];
  const left = code.local("i32");
  code.get(at).set(block).i32(0).set(last);
  code.loop((again) => {
    // What lies behind the end is no such character, and nothing goes on there.
    code.i32(-1).get(end).get(block).op("i32Sub").tee(left).i32(16).get(left).i32(16);
    code.op("i32LtU", "select", "i32Shl").set(left);
    outside(code, block, asciiOf(set));
    code.get(left).op("i32Or").i32(0xffff).op("i32And").set(stops);
    mayBegin(code, block, char);
    code.get(left).i32(-1).op("i32Xor", "i32And");
    code.get(stops).get(stops).i32(1).op("i32Sub", "i32Xor").op("i32And").tee(found);
    code.if(() => code.get(block).i32(32).op("i32Add").get(found).op("i32Clz", "i32Sub").set(last));
    code.get(block).i32(16).op("i32Add").set(block).get(stops).op("i32Eqz").brIf(again);
  });
  code.get(last).op("i32Eqz").brIf(fail).get(last).set(at);
}

/** Moves a place to the end of the first `text` that begins in `[from, most]` and ends up to `end`, or branches away. */
export function toFirst(code: Code, at: Local, most: Local, end: Local, text: string, fail: Label): void {
  const size = text.length;
  const block = code.local("i32");
  const place = code.local("i32");
  const bits = code.local("i32");
  const bound = code.local("i32");
  code.get(at).i32(size).op("i32Add").get(end).op("i32GtU").brIf(fail);
  code.get(end).i32(size).op("i32Sub").tee(bound).get(most).get(bound).get(most).op("i32LtU", "select");
  code.set(bound).get(at).set(block);
  code.block((found) => {
    code.loop((again) => {
      code.get(block).get(bound).op("i32GtU").brIf(fail);
      mayBegin(code, block, text);
      code.set(bits);
      code.block((none) => {
        code.loop((next) => {
          code.get(bits).op("i32Eqz").brIf(none);
          code.get(block).get(bits).op("i32Ctz", "i32Add").tee(place).get(bound).op("i32GtU").brIf(fail);
          code.get(bits).get(bits).i32(1).op("i32Sub", "i32And").set(bits);
          if (size > 2) {
            isText(code, place, text);
            code.brIf(found).br(next);
          } else code.br(found);
        });
      });
      code.get(block).i32(16).op("i32Add").set(block).br(again);
    });
  });
  code.get(place).i32(size).op("i32Add").set(at);
}
