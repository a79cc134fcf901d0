import { Bytes } from "./bytes.ts";

/** Types of values in WebAssembly. */
export const types = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof types;

/** Instructions without operands of their own, and those with an offset behind an address. */
const plain = {
  drop: 0x1a,
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32LeU: 0x4d,
  i32GeU: 0x4f,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i32Clz: 0x67,
  i32Ctz: 0x68,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64And: 0x83,
  i64Or: 0x84,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32Wrap: 0xa7,
  i64Extend: 0xad,
  f64Convert: 0xb9,
  i64Reinterpret: 0xbd,
} as const;

const memory = {
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load8: 0x2d,
  i32Load16: 0x2f,
  i64Store: 0x37,
  i32Store8: 0x3a,
} as const;

/** Instructions on 16 bytes. */
const wide = {
  swizzle: 14,
  splat: 15,
  eq: 35,
  leU: 42,
  and: 78,
  andNot: 79,
  or: 80,
  anyTrue: 83,
  allTrue: 99,
  bitmask: 100,
  shrU: 109,
  sub: 113,
} as const;

/** A place that a branch goes to. */
export type Label = { readonly depth: number };

/** A variable of a function. */
export type Local = { readonly index: number };

/** Writes the instructions of one function of WebAssembly, in the order in which they run. */
export class Code {
  readonly #bytes = new Bytes();
  readonly #locals: ValueType[] = [];
  readonly #parameters: number;
  readonly #lay: (bytes: Uint8Array) => number;
  #depth = 0;

  /** `lay` puts 16 bytes into the memory and gives their place: loading them is quicker than making them. */
  constructor(parameters: number, lay: (bytes: Uint8Array) => number) {
    this.#parameters = parameters;
    this.#lay = lay;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#bytes.size;
  }

  /** Where the code has come to, for `reset`. */
  mark(): { readonly size: number; readonly depth: number } {
    return { size: this.#bytes.size, depth: this.#depth };
  }

  /** Takes back what was written since. */
  reset({ size, depth }: ReturnType<Code["mark"]>): void {
    this.#bytes.cut(size);
    this.#depth = depth;
  }

  parameter(index: number): Local {
    return { index };
  }

  local(type: ValueType): Local {
    return { index: this.#parameters + this.#locals.push(type) - 1 };
  }

  op(...names: (keyof typeof plain)[]): this {
    for (const name of names) this.#bytes.u8(plain[name]);
    return this;
  }

  wide(...names: (keyof typeof wide)[]): this {
    for (const name of names) {
      this.#bytes.u8(0xfd);
      this.#bytes.unsigned(wide[name]);
    }
    return this;
  }

  /** A load or store; it need not be aligned. */
  at(name: keyof typeof memory, offset = 0): this {
    return this.#put(memory[name], 0, offset);
  }

  load16(offset = 0): this {
    this.#bytes.u8(0xfd);
    return this.#put(0, 0, offset);
  }

  store16(offset = 0): this {
    this.#bytes.u8(0xfd);
    return this.#put(11, 0, offset);
  }

  i32(value: number): this {
    this.#bytes.u8(0x41);
    this.#bytes.i32(value);
    return this;
  }

  i64(value: bigint): this {
    this.#bytes.u8(0x42);
    this.#bytes.i64(value);
    return this;
  }

  f64(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#bytes.u8(0x44);
    this.#bytes.raw(bytes);
    return this;
  }

  /** Leaves 16 bytes; those that are not given are 0. */
  bytes16(bytes: readonly number[]): this {
    const all = new Uint8Array(16);
    all.set(bytes);
    return this.i32(0).load16(this.#lay(all));
  }

  get({ index }: Local): this {
    return this.#one(0x20, index);
  }

  set({ index }: Local): this {
    return this.#one(0x21, index);
  }

  tee({ index }: Local): this {
    return this.#one(0x22, index);
  }

  call(callee: number): this {
    return this.#one(0x10, callee);
  }

  /** What a branch to the label leaves. */
  block(body: (label: Label) => void): this {
    return this.#nest(0x02, body);
  }

  /** What a branch to the label begins again. */
  loop(body: (label: Label) => void): this {
    return this.#nest(0x03, body);
  }

  if(then: () => void, otherwise?: () => void): this {
    return this.#nest(0x04, () => {
      then();
      if (!otherwise) return;
      this.#bytes.u8(0x05);
      otherwise();
    });
  }

  #nest(opcode: number, body: (label: Label) => void): this {
    this.#bytes.u8(opcode);
    this.#bytes.u8(0x40);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#bytes.u8(0x0b);
    return this;
  }

  br({ depth }: Label): this {
    return this.#one(0x0c, this.#depth - depth);
  }

  brIf({ depth }: Label): this {
    return this.#one(0x0d, this.#depth - depth);
  }

  #one(opcode: number, operand: number): this {
    this.#bytes.u8(opcode);
    this.#bytes.unsigned(operand);
    return this;
  }

  /** An opcode with an alignment and an offset. */
  #put(opcode: number, alignment: number, offset: number): this {
    this.#bytes.u8(opcode);
    return this.#one(alignment, offset);
  }

  /** Puts the function down as the code section of a module has it. */
  writeTo(out: Bytes): void {
    const locals = new Bytes();
    locals.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      locals.u8(1);
      locals.u8(types[type]);
    }
    out.unsigned(locals.size + this.#bytes.size + 1);
    out.raw(locals.all);
    out.raw(this.#bytes.all);
    out.u8(0x0b);
  }
}
