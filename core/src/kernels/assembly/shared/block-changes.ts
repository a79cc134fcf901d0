/** Changes of slots of a block. */
import { absent, fromOf, holds, number, search, setText, text, toOf } from "./block-rows";
import { blank, find, holdsAt, noMatch, notKnown, trimEnd } from "./parts";

/**
 * Trims the texts of `mask`'s rows: white space alone (0), a word in front (1) or at the end (2); what an automaton matches in front (3); a
 * row with a word (4), or in which a search finds something (5), is opened. `found` becomes 1 where there is a value.
 */
export function trim(
  how: u32,
  kinds: usize,
  values: usize,
  mask: usize,
  count: usize,
  word: usize,
  size: usize,
  start: u32,
  endings: usize,
  found: usize,
  open: usize,
): void {
  for (let row: usize = 0; row < count; row++) {
    if (load<u8>(mask + row) === 0) continue;
    const kind = load<u8>(kinds + row);
    if (kind === absent) continue;
    store<u8>(found + row, 1);
    if (kind !== text) {
      store<u8>(open + row, 1);
      continue;
    }
    let from = fromOf(values, row);
    let to = toOf(values, row);
    while (from < to && blank(load<u8>(from))) from++;
    to = trimEnd(from, to);
    if (how === 1) {
      if (to - from >= size && holdsAt(from, word, <u32>size)) from += size;
    } else if (how === 2) {
      if (to - from >= size && holdsAt(to - size, word, <u32>size)) to -= size;
    } else if (how === 3) {
      const end = find(from, to, word, start, endings);
      if (end === notKnown) store<u8>(open + row, 1);
      else if (end !== noMatch) from = end;
    } else if (how === 4) {
      if (holds(from, to, word, size)) store<u8>(open + row, 1);
    } else if (how === 5) {
      if (search(from, to, word, start, endings) !== 0) store<u8>(open + row, 1);
    }
    while (from < to && blank(load<u8>(from))) from++;
    to = trimEnd(from, to);
    setText(kinds, values, row, from, to);
  }
}

/** Takes the values of `mask`'s rows away; `found` becomes 1 where there was one. */
export function remove(kinds: usize, mask: usize, count: usize, found: usize): void {
  for (let row: usize = 0; row < count; row++) {
    if (load<u8>(mask + row) === 0 || load<u8>(kinds + row) === absent) continue;
    store<u8>(kinds + row, absent);
    store<u8>(found + row, 1);
  }
}

/** Moves the values of `mask`'s rows from one slot to another; `found` as above. */
export function move(
  kinds: usize,
  values: usize,
  toKinds: usize,
  toValues: usize,
  mask: usize,
  count: usize,
  found: usize,
): void {
  for (let row: usize = 0; row < count; row++) {
    const kind = load<u8>(kinds + row);
    if (load<u8>(mask + row) === 0 || kind === absent) continue;
    store<u8>(found + row, 1);
    if (kinds === toKinds) continue;
    store<u8>(kinds + row, absent);
    store<u8>(toKinds + row, kind);
    store<u64>(toValues + (row << 3), load<u64>(values + (row << 3)));
  }
}

/** Gives `mask`'s rows a text. */
export function fill(kinds: usize, values: usize, mask: usize, count: usize, from: usize, to: usize): void {
  for (let row: usize = 0; row < count; row++)
    if (load<u8>(mask + row) !== 0) setText(kinds, values, row, from, to);
}

/** Makes numbers of up to 15 digits of the texts of `mask`'s rows; other texts and booleans are opened. `found` as above. */
export function digits(
  kinds: usize,
  values: usize,
  mask: usize,
  count: usize,
  found: usize,
  open: usize,
): void {
  for (let row: usize = 0; row < count; row++) {
    const kind = load<u8>(kinds + row);
    if (load<u8>(mask + row) === 0 || kind === absent) continue;
    store<u8>(found + row, 1);
    if (kind === number) continue;
    const from = fromOf(values, row);
    const to = toOf(values, row);
    let sum: u64 = 0;
    let sound = kind === text && to > from && to - from <= 15;
    for (let at = from; sound && at < to; at++) {
      const digit = load<u8>(at) - 48;
      if (digit > 9) sound = false;
      else sum = sum * 10 + <u64>digit;
    }
    if (sound) {
      store<u8>(kinds + row, number);
      store<f64>(values + (row << 3), <f64>sum);
    } else store<u8>(open + row, 1);
  }
}

/** Opens rows whose value is of another kind than `allowed`, a bit for each kind, and takes texts away that are empty. */
export function check(kinds: usize, values: usize, count: usize, allowed: u32, open: usize): void {
  for (let row: usize = 0; row < count; row++) {
    const kind = load<u8>(kinds + row);
    if (kind === absent) continue;
    if (((allowed >> <u32>kind) & 1) === 0) {
      // A text that is empty is no value.
      if (kind !== text || toOf(values, row) !== fromOf(values, row)) store<u8>(open + row, 1);
      else store<u8>(kinds + row, absent);
    } else if (kind === text && toOf(values, row) === fromOf(values, row)) store<u8>(kinds + row, absent);
  }
}

/** Opens rows with a number beyond `most`. */
export function bounded(kinds: usize, values: usize, count: usize, most: f64, open: usize): void {
  for (let row: usize = 0; row < count; row++)
    if (load<u8>(kinds + row) === number && load<f64>(values + (row << 3)) > most) store<u8>(open + row, 1);
}
