import type { Batch } from "./batch.ts";
import { ByteWriter } from "./bytes.ts";
import type { DynamicColumn } from "./column.ts";
import { columnName, placeOf } from "./columns.ts";

/** Version of the flattened serialization of JSON and Dynamic in ClickHouse's Native format. */
const flattened = 3;

/** Columns of this size and more are handed on where they lie; smaller ones are cheaper to copy than to send apart. */
const leastApart = 32 << 10;

/**
 * The batch as one block in ClickHouse's Native format, ready for `INSERT INTO events FORMAT Native`, in pieces that follow one another.
 * Columns keep the bytes they have in the batch: large ones are parts of its memory, not to be freed while the pieces are in use. The first
 * piece is in memory of the block's own, for `freeBytes`.
 * Columns the table has and the batch lacks get their defaults.
 */
export function encodeNative(batch: Batch): readonly Buffer[] {
  const log: DynamicColumn[] = [];
  const rest: DynamicColumn[] = [];
  const own: { name: string; type: string; native: Uint8Array }[] = [];
  let size = 1024;
  for (const column of batch.columns.values()) {
    if (column.native.length < leastApart) size += column.native.length;
    size += column.path.length + 48;
    if (column.kind !== "dynamic") {
      own.push({ name: columnName(column.path), type: column.nativeType, native: column.native });
    } else if (column.path.startsWith("log.")) log.push(column);
    else rest.push(column);
  }
  const out = new Pieces(size);
  out.small.varint(own.length + (log.length > 0 ? 1 : 0) + (rest.length > 0 ? 1 : 0));
  out.small.varint(batch.rows);
  for (const column of own) {
    out.small.text(column.name);
    out.small.text(column.type);
    out.add(column.native);
  }
  if (log.length > 0) writeJson("log", log, out);
  if (rest.length > 0) writeJson("rest", rest, out);
  return out.finish();
}

/** Bytes that are written, and between them others that stay where they lie. */
class Pieces {
  readonly small: ByteWriter;
  readonly #apart: { readonly at: number; readonly bytes: Buffer }[] = [];

  constructor(size: number) {
    this.small = new ByteWriter(size);
  }

  add(bytes: Uint8Array): void {
    if (bytes.length < leastApart) this.small.raw(bytes);
    else {
      const { buffer, byteOffset, length } = bytes;
      this.#apart.push({ at: this.small.length, bytes: Buffer.from(buffer, byteOffset, length) });
    }
  }

  finish(): readonly Buffer[] {
    const small = this.small.view();
    const pieces: Buffer[] = [];
    let from = 0;
    for (const { at, bytes } of this.#apart) {
      pieces.push(small.subarray(from, at), bytes);
      from = at;
    }
    if (from < small.length) pieces.push(small.subarray(from));
    return pieces;
  }
}

/** All paths of a JSON column: their names, their types, then row indexes and values path by path. */
function writeJson(name: "log" | "rest", paths: readonly DynamicColumn[], pieces: Pieces): void {
  const out = pieces.small;
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
  for (const column of paths) pieces.add(column.native);
}

const jsonPath = (path: string): string => {
  const place = placeOf(path);
  return place?.kind === "json" ? place.path : path;
};
