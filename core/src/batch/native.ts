import type { Batch } from "./batch.ts";
import { ByteWriter } from "./bytes.ts";
import type { DynamicColumn } from "./column.ts";
import { columnName, placeOf } from "./columns.ts";

/** Version of the flattened serialization of JSON and Dynamic in ClickHouse's Native format. */
const flattened = 3;

/**
 * The batch as one block in ClickHouse's Native format, ready for `INSERT INTO events FORMAT Native`.
 * Columns keep the bytes they have in the batch; columns the table has and the batch lacks get their defaults.
 */
export function encodeNative(batch: Batch): Buffer {
  const log: DynamicColumn[] = [];
  const rest: DynamicColumn[] = [];
  const own: { name: string; type: string; native: Uint8Array }[] = [];
  let size = 1024;
  for (const column of batch.columns.values()) {
    size += column.native.length + column.path.length + 32;
    if (column.kind !== "dynamic") {
      own.push({ name: columnName(column.path), type: column.nativeType, native: column.native });
    } else if (column.path.startsWith("log.")) log.push(column);
    else rest.push(column);
  }
  const out = new ByteWriter(size);
  out.varint(own.length + (log.length > 0 ? 1 : 0) + (rest.length > 0 ? 1 : 0));
  out.varint(batch.rows);
  for (const column of own) {
    out.text(column.name);
    out.text(column.type);
    out.raw(column.native);
  }
  if (log.length > 0) writeJson("log", log, out);
  if (rest.length > 0) writeJson("rest", rest, out);
  return out.view();
}

/** All paths of a JSON column: their names, their types, then row indexes and values path by path. */
function writeJson(name: "log" | "rest", paths: readonly DynamicColumn[], out: ByteWriter): void {
  out.text(name);
  out.text("JSON");
  out.u64(flattened);
  out.varint(paths.length);
  for (const column of paths) out.text(jsonPath(column.path));
  for (const column of paths) {
    out.u64(flattened);
    out.varint(column.types.length);
    for (const type of column.types) out.text(type);
  }
  for (const column of paths) out.raw(column.native);
}

const jsonPath = (path: string): string => {
  const place = placeOf(path);
  return place?.kind === "json" ? place.path : path;
};
