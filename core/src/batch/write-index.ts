import type { ByteWriter } from "./bytes.ts";

/** LowCardinality index flags: dictionary keys follow, and they are the whole dictionary. */
export const hasKeys = 0x600;

/** A LowCardinality(String) column: key 0 is the empty text. ClickHouse `SerializationLowCardinality`. */
export function writeDictionary(keys: readonly string[], index: ArrayLike<number>, out: ByteWriter): void {
  const write = (to: ByteWriter): void => {
    for (const key of keys) to.text(key);
  };
  writeIndex(keys.length, write, index, out);
}

/** A LowCardinality(String) column from its keys as bytes, each behind its length, and a code a row. */
export function writeIndex(
  keys: number,
  writeKeys: (out: ByteWriter) => void,
  index: ArrayLike<number>,
  out: ByteWriter,
): void {
  const width = keys <= 0x100 ? 0 : keys <= 0x1_0000 ? 1 : 2;
  out.u64(1);
  out.u64(hasKeys | width);
  out.u64(keys);
  writeKeys(out);
  out.u64(index.length);
  out.numbers(index, width === 0 ? 1 : width === 1 ? 2 : 4);
}
