import { giveMemory, takeMemory } from "./memory.ts";

const nothing = Buffer.alloc(0);
/** Copied faster byte by byte than by a call. */
const fewBytes = 96;

/** A growing byte buffer with the primitives of ClickHouse's Native format (little endian, LEB128 lengths). */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = capacity < 4_096 ? Buffer.allocUnsafe(capacity) : takeMemory(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes written so far. A view: valid until the next write. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Starts over in the same memory. Views given before are void. */
  clear(): void {
    this.#length = 0;
  }

  /** Gives the memory back for others to use, and starts over without any. Views given before are void. */
  release(): void {
    giveMemory(this.#bytes);
    this.#bytes = nothing;
    this.#length = 0;
  }

  /** Bytes that can be held without growing. */
  get capacity(): number {
    return this.#bytes.length;
  }

  #room(extra: number): void {
    const needed = this.#length + extra;
    if (needed <= this.#bytes.length) return;
    const grown = takeMemory(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    giveMemory(this.#bytes);
    this.#bytes = grown;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    this.#length = this.#bytes.writeUInt16LE(value, this.#length);
  }

  u32(value: number): void {
    this.#room(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  /** Any safe non-negative integer, as 64 bits. */
  u64(value: number): void {
    this.u32(value >>> 0);
    this.u32(Math.floor(value / 0x1_0000_0000));
  }

  big64(value: bigint): void {
    this.#room(8);
    this.#length = this.#bytes.writeBigUInt64LE(value, this.#length);
  }

  /** A signed integer within ±2^53, as 64 bits two's complement. */
  i64(value: number): void {
    this.#room(8);
    this.#bytes.writeUInt32LE(value >>> 0, this.#length);
    this.#bytes.writeInt32LE(Math.floor(value / 0x1_0000_0000), this.#length + 4);
    this.#length += 8;
  }

  f64(value: number): void {
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** An unsigned LEB128 integer below 2^32. */
  varint(value: number): void {
    this.#room(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** UTF-8 text behind its byte length, ClickHouse's String. */
  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.#room(size);
    this.#bytes.write(value, this.#length, "utf8");
    this.#length += size;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Some of `bytes`: without a view of them where they are few. */
  range(bytes: Uint8Array, from: number, to: number): void {
    const size = to - from;
    this.#room(size);
    if (size > fewBytes) this.#bytes.set(bytes.subarray(from, to), this.#length);
    else for (let i = 0; i < size; i++) this.#bytes[this.#length + i] = bytes[from + i]!;
    this.#length += size;
  }

  /** Unsigned numbers of so many bytes each. */
  numbers(values: ArrayLike<number>, width: 1 | 2 | 4): void {
    const { length } = values;
    this.#room(length * width);
    const bytes = this.#bytes;
    let at = this.#length;
    if (width === 1 && values instanceof Uint8Array) {
      bytes.set(values, at);
      at += length;
    } else if (width === 1) for (let i = 0; i < length; i++) bytes[at++] = values[i]!;
    else
      for (let i = 0; i < length; i++) {
        let rest = values[i]!;
        for (let k = 0; k < width; k++, rest >>>= 8) bytes[at++] = rest & 0xff;
      }
    this.#length = at;
  }

  /** Room for `count` bytes, which the caller fills at once. Void after the next write. */
  room(count: number): Buffer {
    this.#room(count);
    this.#length += count;
    return this.#bytes.subarray(this.#length - count, this.#length);
  }

  /** Moves all of it back by `count` bytes of any content. */
  shift(count: number): void {
    this.#room(count);
    this.#bytes.copyWithin(count, 0, this.#length);
    this.#length += count;
  }

  /** Takes back the last `count` bytes. */
  trim(count: number): void {
    this.#length -= count;
  }

  zeros(count: number): void {
    this.#room(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  /** Pads with zeros to a multiple of 8, so that typed arrays can view what follows. */
  align8(): void {
    this.zeros((8 - (this.#length & 7)) & 7);
  }
}

/** A bounds-checked reader of the same primitives; every overrun throws a RangeError. */
export class ByteReader {
  readonly bytes: Buffer;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.offset = offset;
    this.end = end;
  }

  need(count: number): void {
    if (count < 0 || this.offset + count > this.end) {
      throw new RangeError(`needs ${count} bytes at ${this.offset}, has ${this.end - this.offset}`);
    }
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.offset++]!;
  }

  u32(): number {
    this.need(4);
    this.offset += 4;
    return this.bytes.readUInt32LE(this.offset - 4);
  }

  /** A 64-bit count; throws where it is beyond 2^53. */
  u64(): number {
    this.need(8);
    const low = this.bytes.readUInt32LE(this.offset);
    const high = this.bytes.readUInt32LE(this.offset + 4);
    if (high > 0x1f_ffff) throw new RangeError(`count too large at ${this.offset}`);
    this.offset += 8;
    return high * 0x1_0000_0000 + low;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError(`length too long at ${this.offset}`);
  }

  text(): string {
    const size = this.varint();
    this.need(size);
    this.offset += size;
    return this.bytes.toString("utf8", this.offset - size, this.offset);
  }

  take(count: number): Buffer {
    this.need(count);
    this.offset += count;
    return this.bytes.subarray(this.offset - count, this.offset);
  }
}
