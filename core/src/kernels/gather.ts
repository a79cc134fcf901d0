import { type ExportedNumber, loadKernel } from "./load.ts";

/** Keys of a dictionary as they are to be written, one behind the other; key `i` goes from `ends[i]` up to `ends[i + 1]`. */
export interface PackedKeys {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** Hands on the bytes of the keys in the order of the codes, piece by piece; a piece is void after the call. */
export type Gather = (
  keys: PackedKeys,
  codes: Uint8Array | Uint32Array,
  use: (bytes: Uint8Array) => void,
) => void;

interface Exports {
  readonly written: ExportedNumber;
  gather(keys: number, ends: number, codes: number, count: number, out: number, room: number): number;
}

/** Where the parts lie in the kernel's memory, in bytes. */
const slack = 64;
const codesAt = 1_024;
const codesAtOnce = 4_096;
const outAt = codesAt + codesAtOnce * 4;
const outBytes = 64 << 10;
const endsAt = outAt + outBytes + slack;
const mostKeys = 16_384;
const keysAt = endsAt + (mostKeys + 1) * 4;
const mostKeyBytes = 512 << 10;

/** In plain TypeScript. */
export const plainGather: Gather = ({ bytes, ends }, codes, use) => {
  let size = 0;
  for (const code of codes) size += ends[code + 1]! - ends[code]!;
  const out = new Uint8Array(size);
  let at = 0;
  for (const code of codes) {
    for (let from = ends[code]!, end = ends[code + 1]!; from < end; from++) out[at++] = bytes[from]!;
  }
  use(out);
};

/** By WebAssembly; undefined where that is not to be had. Keys that are too many or too long go the plain way. */
export function wasmGather(): Gather | undefined {
  const loaded = loadKernel<Exports>("gather", keysAt + mostKeyBytes + slack);
  if (!loaded) return undefined;
  const { exports: kernel, memory } = loaded;
  const bytes = new Uint8Array(memory);
  const words = new Uint32Array(memory);
  return (keys, codes, use) => {
    const { length } = keys.ends;
    let longest = 0;
    for (let i = 1; i < length; i++) {
      const size = keys.ends[i]! - keys.ends[i - 1]!;
      if (size > longest) longest = size;
    }
    if (keys.bytes.length > mostKeyBytes || length > mostKeys + 1 || longest > outBytes) {
      plainGather(keys, codes, use);
      return;
    }
    bytes.set(keys.bytes, keysAt);
    words.set(keys.ends, endsAt / 4);
    for (let first = 0; first < codes.length; first += codesAtOnce) {
      const some = codes.subarray(first, first + codesAtOnce);
      words.set(some, codesAt / 4);
      for (let row = 0; row < some.length; ) {
        row += kernel.gather(keysAt, endsAt, codesAt + row * 4, some.length - row, outAt, outBytes);
        use(bytes.subarray(outAt, outAt + kernel.written.value));
      }
    }
  };
}

/** Both ways, the faster first, for comparing them. */
export const gatherings = (): readonly Gather[] => [wasmGather() ?? plainGather, plainGather];

let shared: Gather | undefined;

/** Gathers as fast as can be here. */
export const gather: Gather = (keys, codes, use) => {
  shared ??= wasmGather() ?? plainGather;
  shared(keys, codes, use);
};
