import { loadKernel } from "./load.ts";

/** The export of `assembly/members.ts`; places are offsets in its memory. */
interface Exports {
  members(
    at: number,
    end: number,
    keys: number,
    count: number,
    kinds: number,
    bounds: number,
    numbers: number,
  ): number;
}

const slack = 64;
/** Members of an object, bytes of all their keys, and of a line. */
const mostMembers = 256;
const mostKeyBytes = 8 << 10;
const mostBytes = 16 << 10;
const keysAt = 1_024;
const kindsAt = keysAt + mostMembers * 8;
const boundsAt = kindsAt + mostMembers;
const numbersAt = boundsAt + mostMembers * 8;
const textsAt = numbersAt + mostMembers * 8;
const bytesAt = textsAt + mostKeyBytes + slack;

/** Reads flat JSON objects that have the keys of one seen before, in its order, by WebAssembly. */
export class MemberKernel {
  /** Of the last `read`, by member: 1 a text, 2 a number, 3 true, 4 false, 5 null. */
  readonly kinds: Uint8Array;
  /** By member × 2: where a text begins and ends from the beginning of the line, `base` being added. */
  readonly bounds: Uint32Array;
  readonly numbers: Float64Array;
  /** What `bounds` count from. */
  readonly base = bytesAt;
  #count = -1;
  readonly #kernel: Exports;
  readonly #memory: Buffer;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(): MemberKernel | undefined {
    const loaded = loadKernel<Exports>("members", bytesAt + mostBytes + slack);
    return loaded && new MemberKernel(loaded.exports, loaded.memory);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer) {
    this.#kernel = kernel;
    this.#memory = Buffer.from(memory);
    this.kinds = new Uint8Array(memory, kindsAt, mostMembers);
    this.bounds = new Uint32Array(memory, boundsAt, mostMembers * 2);
    this.numbers = new Float64Array(memory, numbersAt, mostMembers);
  }

  /** Expects these keys from now on, none twice. Too many, or too long ones, are never found. */
  expect(keys: readonly string[]): void {
    this.#count = -1;
    let at = textsAt;
    for (const [member, key] of keys.entries()) {
      const text = `"${key}":`;
      const size = Buffer.byteLength(text);
      if (member >= mostMembers || at + size > textsAt + mostKeyBytes) return;
      this.#memory.write(text, at);
      this.#memory.writeUInt32LE(at, keysAt + member * 8);
      this.#memory.writeUInt32LE(size, keysAt + member * 8 + 4);
      at += size;
    }
    this.#count = keys.length;
  }

  /** Whether a line is such an object, and a simple one; then its values are there to be looked at. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    const size = to - from;
    if (this.#count < 0 || size > mostBytes) return false;
    this.#memory.set(bytes.subarray(from, to), bytesAt);
    const end = bytesAt + size;
    return this.#kernel.members(bytesAt, end, keysAt, this.#count, kindsAt, boundsAt, numbersAt) === 1;
  }
}
