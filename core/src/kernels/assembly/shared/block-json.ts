/**
 * JSON objects of a block's rows into slots. Keys are entries that refer to each other: each knows the one that came behind it the last time,
 * and one that is an object the first below it, so most keys are compared once and never looked up.
 */
import { absent, boolean, fromOf, nothing, number, setText, text, toOf, tree } from "./block-rows";
import { passed, plainText, same, skipSpace, textEnd, treeEnd, written } from "./json-text";
import { equal, hashOf } from "./values";

/**
 * An entry is 48 bytes: place and size of the key with its quotes; the kinds and values of its slot, 0 for none; the entries expected behind it and
 * below it; what it may be, as bits; the row it was met in last; the entry it is below; the next with the same hash; the mask
 * in which it is noted that it is there, for an object of which that is kept.
 */
const kindsOf = 8;
const valuesOf = 12;
const nextOf = 16;
const firstOf = 20;
const flagsOf = 24;
const stampOf = 28;
const parentOf = 32;
const linkOf = 36;
const thereOf = 40;

/** May be an object. */
const hasChildren: u32 = 1;
/** Steps name it: an empty text and null are told from nothing. */
const isNamed: u32 = 2;
/** Objects are kept as they stand. */
const isWhole: u32 = 8;

/** An object of which it is kept whether it is there: nothing else may stand in its place. */
const isKept: u32 = 16;

/** An object that its key names with a dot is noted too. */
const isNoting: u32 = 32;
/** An empty text and null are told from nothing. */
const isExact: u32 = 64;

/** Values in lists and objects that are kept, in one row: an event has a bound. */
const mostPassed: u32 = 1_024;

/** Its name says the same as another one: rows that have it are left. */
const isTaken: u32 = 4;

/** What became of a row: read, left to the plain program, left because of a key that may be learned. */
const done: u8 = 0;
const left: u8 = 1;
const unknown: u8 = 2;

let stamp: u32 = 0;
/** Where the next text goes that had escapes. */
let made: usize = 0;
/** The list of kinds that the row has written, and its end. */
let touched: usize = 0;
let touchedEnd: usize = 0;

/** Of the last number: 0 where it is none that can be said exactly. */
let numberKind: u8 = 0;
let numberValue: f64 = 0;

function headOf(heads: usize, key: usize, size: u32, parent: usize): usize {
  return heads + ((<usize>(hashOf(key, size, <u64>parent) >> 40) & 255) << 2);
}

/** Makes an entry one that is found. `heads` are 256 words. */
export function jsonAdd(entry: usize, heads: usize): void {
  const key = <usize>load<u32>(entry);
  const head = headOf(heads, key, load<u32>(entry, 4), <usize>load<u32>(entry, parentOf));
  store<u32>(entry, load<u32>(head), linkOf);
  store<u32>(head, <u32>entry);
}

function find(heads: usize, key: usize, size: u32, parent: usize): usize {
  let entry = <usize>load<u32>(headOf(heads, key, size, parent));
  while (entry !== 0) {
    const own = <usize>load<u32>(entry);
    if (load<u32>(entry, 4) === size && <usize>load<u32>(entry, parentOf) === parent && equal(own, key, size))
      break;
    entry = <usize>load<u32>(entry, linkOf);
  }
  return entry;
}

/**
 * The number nearest to a quotient, in `numberValue`: its 53 bits are made of whole numbers, the half to even. False where these do not fit,
 * which is below 1, and with many digits behind the point.
 */
function divide(value: u64, divisor: u64): bool {
  const whole = value / divisor;
  if (whole === 0) return false;
  const shift = 53 - (64 - clz(whole));
  const rest = value % divisor;
  if (shift < 0 || shift > clz(rest | 1)) return false;
  const scaled = rest << (<u64>shift);
  const below = scaled / divisor;
  const left = (scaled % divisor) << 1;
  let bits = (whole << (<u64>shift)) | below;
  if (left > divisor || (left === divisor && (bits & 1) !== 0)) bits++;
  numberValue = <f64>bits / <f64>((<u64>1) << (<u64>shift));
  return true;
}

/** The end of the number at `at`. A whole one beyond 2^53 is the text of its digits, as the step has it. */
function readNumber(at: usize, to: usize): usize {
  numberKind = 0;
  const from = at;
  const negative = load<u8>(at) === 45;
  if (negative) at++;
  const start = at;
  let value: u64 = 0;
  for (; at < to; at++) {
    const digit = <u64>load<u8>(at) - 48;
    if (digit > 9) break;
    // Beyond 18 digits the value is not looked at.
    value = value * 10 + digit;
  }
  const whole = at - start;
  if (whole === 0 || (whole > 1 && load<u8>(start) === 48)) return from;
  let divisor: f64 = 1;
  if (at < to && load<u8>(at) === 46) {
    const point = ++at;
    for (; at < to; at++) {
      const digit = <u64>load<u8>(at) - 48;
      if (digit > 9) break;
      value = value * 10 + digit;
      divisor *= 10;
    }
    const digits = whole + (at - point);
    if (at === point || digits > 19) return from;
    // Both are exact up to 15 digits, so that the quotient is the nearest number.
    if (digits > 15) {
      if (at < to && (load<u8>(at) | 32) === 101) return from;
      if (!divide(value, <u64>divisor)) return from;
      if (negative) numberValue = -numberValue;
      numberKind = number;
      return at;
    }
  } else if (whole > 18 || value > 9007199254740991) {
    if (at < to && (load<u8>(at) | 32) === 101) return from;
    numberKind = text;
    return at;
  }
  if (at < to && (load<u8>(at) | 32) === 101) return from;
  // Zero with a sign is something of its own.
  if (negative && value === 0) return from;
  numberValue = <f64>value / divisor;
  if (negative) numberValue = -numberValue;
  numberKind = number;
  return at;
}

function read(row: usize, from: usize, to: usize, root: usize, heads: usize): u8 {
  let at = skipSpace(from, to);
  if (at >= to || load<u8>(at) !== 123) return left;
  at = skipSpace(at + 1, to);
  let parent = root;
  let before: usize = 0;
  let fresh = true;
  let within: u32 = 0;
  while (at < to) {
    if (!fresh || load<u8>(at) !== 125) {
      let entry = <usize>(before === 0 ? load<u32>(parent, firstOf) : load<u32>(before, nextOf));
      let size: u32 = entry === 0 ? 0 : load<u32>(entry, 4);
      if (entry === 0 || at + <usize>size > to || !same(<usize>load<u32>(entry), at, size)) {
        if (load<u8>(at) !== 34) return left;
        const close = textEnd(at + 1, to);
        if (close >= to || load<u8>(close) !== 34) return left;
        size = <u32>(close + 1 - at);
        entry = find(heads, at, size, parent);
        if (entry === 0) return unknown;
        if (before === 0) store<u32>(parent, <u32>entry, firstOf);
        else store<u32>(before, <u32>entry, nextOf);
      }
      // A key twice.
      if (load<u32>(entry, stampOf) === stamp) return left;
      store<u32>(entry, stamp, stampOf);
      before = entry;
      at += <usize>size;
      if (at < to && load<u8>(at) !== 58) at = skipSpace(at, to);
      if (at >= to || load<u8>(at) !== 58) return left;
      at++;
      if (at < to && load<u8>(at) === 32) at = skipSpace(at, to);
      if (at >= to) return left;
      let byte = load<u8>(at);
      if (byte < 32) {
        at = skipSpace(at, to);
        byte = load<u8>(at);
      }
      const flags = load<u32>(entry, flagsOf);
      if ((flags & isTaken) !== 0) return left;
      const kinds = <usize>load<u32>(entry, kindsOf);
      const values = <usize>load<u32>(entry, valuesOf);
      if (byte === 123) {
        if ((flags & (hasChildren | isNamed | isWhole)) === 0) return unknown;
      }
      if ((flags & (isKept | isNoting)) !== 0) {
        if (byte !== 123 && (flags & isKept) !== 0) return left;
        const there = <usize>load<u32>(entry, thereOf);
        store<u8>(there + row, 1);
        store<u32>(touchedEnd, <u32>there);
        touchedEnd += 4;
      }
      if (byte === 123 && (flags & hasChildren) !== 0) {
        parent = entry;
        before = 0;
        fresh = true;
        at = skipSpace(at + 1, to);
        continue;
      }
      let kind: u8 = absent;
      if (byte === 123 || byte === 91) {
        if (kinds === 0) return unknown;
        const start = at;
        at = treeEnd(at, to);
        within += passed;
        if (at === 0 || within > mostPassed || load<u8>(kinds + row) !== absent) return left;
        setText(kinds, values, row, start, at);
        store<u8>(kinds + row, tree);
        store<u32>(touchedEnd, <u32>kinds);
        touchedEnd += 4;
      } else if (byte === 34) {
        let start = at + 1;
        let close = textEnd(start, to);
        if (close >= to) return left;
        at = close + 1;
        const mark = load<u8>(close);
        if (mark !== 34) {
          if (mark !== 92) return left;
          const end = plainText(start, close, to, made);
          if (end === 0) return left;
          at = end + 1;
          start = made;
          close = written;
          made = written;
        }
        if (close > start || (flags & (isNamed | isExact)) !== 0) {
          if (kinds === 0) return unknown;
          if (load<u8>(kinds + row) !== absent) return left;
          setText(kinds, values, row, start, close);
          store<u32>(touchedEnd, <u32>kinds);
          touchedEnd += 4;
        }
      } else {
        const word = load<u32>(at);
        let truth: u32 = 0;
        const start = at;
        if (word === 0x65757274) {
          kind = boolean;
          truth = 1;
          at += 4;
        } else if (word === 0x736c6166 && load<u8>(at, 4) === 101) {
          kind = boolean;
          at += 5;
        } else if (word === 0x6c6c756e) {
          kind = nothing;
          at += 4;
        } else {
          at = readNumber(at, to);
          kind = numberKind;
          if (at === start || kind === absent) return left;
        }
        if (at > to) return left;
        if (kinds === 0 && (kind !== nothing || (flags & isExact) !== 0)) return unknown;
        if (kinds !== 0) {
          if (load<u8>(kinds + row) !== absent) return left;
          if (kind !== nothing || (flags & (isNamed | isExact)) !== 0) {
            if (kind === text) setText(kinds, values, row, start, at);
            else {
              store<u8>(kinds + row, kind);
              if (kind === number) store<f64>(values + (row << 3), numberValue);
              else store<u64>(values + (row << 3), <u64>truth);
            }
            store<u32>(touchedEnd, <u32>kinds);
            touchedEnd += 4;
          }
        }
      }
    }
    fresh = false;
    for (;;) {
      if (at < to && load<u8>(at) <= 32) at = skipSpace(at, to);
      if (at >= to) return left;
      const byte = load<u8>(at++);
      if (byte === 44) {
        if (load<u8>(at) <= 32) at = skipSpace(at, to);
        break;
      }
      if (byte !== 125) return left;
      if (parent === root) return skipSpace(at, to) === to ? done : left;
      before = parent;
      parent = <usize>load<u32>(parent, parentOf);
    }
  }
  return left;
}

/**
 * Reads the objects that the texts of some rows say, or that are kept there: those in which `mask` is `wanted`. `status` says what became of each: 0 read or not wanted, 1 left to the
 * plain program, 2 left because of a key that is no entry, or one that is none of that kind; the last two are opened. `root` is an
 * entry without a key, `texts` is where texts go that had escapes, as many bytes as all rows have, 0 for
 * behind those of the last call, `list` room for two words an entry. Gives how
 * many are 2.
 */
export function jsonRows(
  kinds: usize,
  values: usize,
  mask: usize,
  wanted: u32,
  count: usize,
  root: usize,
  heads: usize,
  texts: usize,
  list: usize,
  status: usize,
  open: usize,
): u32 {
  let unknowns: u32 = 0;
  // What was read the first time stays.
  if (mask !== status && texts !== 0) made = texts;
  touched = list;
  for (let row: usize = 0; row < count; row++) {
    if (<u32>load<u8>(mask + row) !== wanted) {
      if (mask !== status) store<u8>(status + row, 0);
      continue;
    }
    let got: u8 = left;
    const kind = load<u8>(kinds + row);
    if (kind === text || kind === tree) {
      touchedEnd = touched;
      stamp++;
      const start = made;
      got = read(row, fromOf(values, row), toOf(values, row), root, heads);
      if (got !== done) {
        for (let at = touched; at < touchedEnd; at += 4) store<u8>(<usize>load<u32>(at) + row, absent);
        made = start;
      }
    }
    store<u8>(status + row, got);
    store<u8>(open + row, got === done ? 0 : 1);
    if (got === unknown) unknowns++;
  }
  return unknowns;
}

/** Makes whole numbers of the numbers of `mask`'s rows. */
export function truncate(kinds: usize, values: usize, mask: usize, count: usize): void {
  const numbers = i8x16.splat(<i8>number);
  for (let first: usize = 0; first < count; first += 16) {
    const isNumber = v128.and(i8x16.eq(v128.load(kinds + first), numbers), v128.load(mask + first));
    let bits = <u32>i8x16.bitmask(i8x16.ne(isNumber, i8x16.splat(0)));
    if (bits === 0xffff) {
      const end = values + ((first + 16) << 3);
      for (let at = values + (first << 3); at < end; at += 16) v128.store(at, f64x2.trunc(v128.load(at)));
      continue;
    }
    for (; bits !== 0; bits &= bits - 1) {
      const at = values + ((first + <usize>ctz(bits)) << 3);
      store<f64>(at, trunc(load<f64>(at)));
    }
  }
}
