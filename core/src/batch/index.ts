export { type Batch, batchOf, decodeBatch, openBody } from "./batch.ts";
export {
  BatchBuilder,
  type BatchLimits,
  overflowPath,
  type RowColumns,
  type SealedBatch,
  type SealStamp,
} from "./builder.ts";
export { ByteReader, ByteWriter } from "./bytes.ts";
export { atLine, withChunk } from "./chunk.ts";
export type { Codes, Column, DynamicColumn, NumberColumn, TextColumn, Texts, TextsColumn } from "./column.ts";
export { remap } from "./column.ts";
export type { ColumnBuilder, TextColumnBuilder } from "./column-builders.ts";
export { columnFields, columnName, columnType, jsonColumns, type Place, placeOf } from "./columns.ts";
export { type CopiedRows, copyRows } from "./copy-rows.ts";
export { Dictionary } from "./dictionary.ts";
export { type Fit, fitOf, parseTime } from "./fit.ts";
export {
  type BatchHeader,
  batchHeader,
  frameLimits,
  frameSize,
  giveFrame,
  openFrame,
  prefixBytes,
  type Stretch,
} from "./frame.ts";
export type { LineRows } from "./ids.ts";
export { isoTime } from "./iso-time.ts";
export { type KeptRows, keepRows } from "./keep-rows.ts";
export {
  keyedColumn,
  type NumberEncoding,
  type Numbers,
  numberColumn,
  numbersFor,
  textColumn,
} from "./make-column.ts";
export { freeBytes, keepMemory, takeMemory } from "./memory.ts";
export { encodeNative } from "./native.ts";
export { NumberBuilder } from "./number-builder.ts";
export type { LogFacts } from "./own-columns.ts";
export { TextBuilder } from "./text-builder.ts";
export { uuidv7 } from "./uuid.ts";
export type { BlockColumn, ValueBlock } from "./value-block.ts";
