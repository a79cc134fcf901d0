import { maxInputBytes } from "./target.ts";

type Random = (below: number) => number;

/** Bytes at which parsers decide. */
const sharp = Buffer.from("\0\n\r\t \"\\'<>[]{}()=,:;|%&/+-.0129aZ~\x7f\x80\xc2\xe2\xf0\xff", "latin1");
const numbers = ["0", "-1", "1e309", "18446744073709551616", "4294967296", "00000001", "999999999", "NaN"];

type Mutation = (input: Buffer, random: Random, other: Buffer, words: readonly string[]) => Buffer;

const span = (input: Buffer, random: Random): [number, number] => {
  const from = random(input.length + 1);
  return [from, Math.min(input.length, from + 1 + random(1 + (input.length >> random(5))))];
};
const insert = (input: Buffer, at: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);
const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;

const mutations: readonly Mutation[] = [
  (input, random) => {
    const changed = Buffer.from(input);
    if (changed.length > 0) changed[random(changed.length)] = random(256);
    return changed;
  },
  (input, random) => {
    const changed = Buffer.from(input);
    const at = random(Math.max(1, changed.length));
    if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
    return changed;
  },
  (input, random) => {
    const at = random(sharp.length);
    return insert(input, random(input.length + 1), sharp.subarray(at, at + 1));
  },
  (input, random) => {
    const [from, to] = span(input, random);
    return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
  },
  (input, random) => input.subarray(0, random(input.length + 1)),
  (input, random) => {
    const [from, to] = span(input, random);
    return insert(input, random(input.length + 1), input.subarray(from, to));
  },
  (input, random) => {
    const [from, to] = span(input, random);
    const part = input.subarray(from, to);
    return insert(input, to, Buffer.concat(Array.from({ length: 1 + random(60) }, () => part)));
  },
  (input, random, other) => {
    const [from, to] = span(other, random);
    return insert(input, random(input.length + 1), other.subarray(from, to));
  },
  (input, random, other) =>
    Buffer.concat([input.subarray(0, random(input.length + 1)), other.subarray(random(other.length + 1))]),
  (input, random, _other, words) =>
    words.length === 0 ? input : insert(input, random(input.length + 1), Buffer.from(pick(words, random))),
  (input, random) => {
    const found = [...input.toString("latin1").matchAll(/\d+/g)];
    if (found.length === 0) return input;
    const { 0: digits, index } = pick(found, random);
    return Buffer.concat([
      input.subarray(0, index),
      Buffer.from(pick(numbers, random)),
      input.subarray(index + digits.length),
    ]);
  },
  (input, random) => {
    const byte = sharp[random(sharp.length)] ?? 0;
    return insert(input, random(input.length + 1), Buffer.alloc(1 << random(14), byte));
  },
];

/** A few random changes of an input, never longer than the limit. */
export function mutate(input: Buffer, random: Random, other: Buffer, words: readonly string[]): Buffer {
  let changed = input;
  for (let left = 1 + random(4); left > 0; left--)
    changed = pick(mutations, random)(changed, random, other, words).subarray(0, maxInputBytes);
  return Buffer.from(changed);
}
