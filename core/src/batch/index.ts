export { type Batch, batchOf, decodeBatch } from "./batch.ts";
export { BatchBuilder, type BatchLimits, overflowPath, type SealedBatch, type SealStamp } from "./builder.ts";
export type { Codes, Column, DynamicColumn, NumberColumn, TextColumn, Texts, TextsColumn } from "./column.ts";
export { columnFields, columnName, columnType, jsonColumns, type Place, placeOf } from "./columns.ts";
export { type BatchHeader, frameLimits, frameSize, openFrame, prefixBytes, type Stretch } from "./frame.ts";
export { numberColumn, textColumn } from "./make-column.ts";
export { encodeNative } from "./native.ts";
export { uuidv7 } from "./uuid.ts";
