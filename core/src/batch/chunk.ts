import { SliceKernel } from "../kernels/index.ts";

/** A column that has noted where values lie and has not taken them yet. */
export interface Waiting {
  take(kernel: SliceKernel): void;
}

let kernel: SliceKernel | undefined;
let tried = false;
const waiting: Waiting[] = [];

/**
 * Bytes of lines of which columns may note the places of values, to take them many at a time; undefined while there are none.
 * They hold until `withChunk` returns.
 */
export const chunk: {
  bytes: Uint8Array | undefined;
  /** Where the text of the row that is filled begins and ends in them, if that is what its column `raw` will have; else both are 0. */
  from: number;
  to: number;
} = { bytes: undefined, from: 0, to: 0 };

/** Says where the line of the row that is filled now lies in the bytes of `withChunk`; it must be what the column `raw` gets there. */
export function atLine(from: number, to: number): void {
  chunk.from = from;
  chunk.to = to;
}

/** Notes that a column waits; `takeAll` or the column itself ends that. */
export const noteWaiting = (column: Waiting): void => {
  waiting.push(column);
};

/** Only while there is a chunk. */
export const takeNow = (column: Waiting): void => column.take(kernel!);

/**
 * Fills columns with values of lines that lie in `bytes`. Columns have taken them all when this returns. Not to be nested. Without
 * WebAssembly, and for very many bytes, columns take each value at once, as they do outside of it.
 */
export function withChunk<T>(bytes: Uint8Array, use: () => T): T {
  if (!tried) {
    tried = true;
    kernel = SliceKernel.open();
  }
  if (!kernel?.load(bytes)) return use();
  chunk.bytes = bytes;
  atLine(0, 0);
  try {
    return use();
  } finally {
    for (const column of waiting) column.take(kernel);
    waiting.length = 0;
    chunk.bytes = undefined;
    atLine(0, 0);
  }
}
