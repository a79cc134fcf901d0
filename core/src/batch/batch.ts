import { type Event, schemaVersion } from "@vedette/sdk";
import { type RawColumn, readBody } from "./body.ts";
import type { Column } from "./column.ts";
import { eventMaker } from "./event-of.ts";
import { type BatchHeader, frameBody, frameLimits, malformed, openFrame } from "./frame.ts";
import { freeBytes } from "./memory.ts";
import { unpackBody } from "./packing.ts";
import { readColumn } from "./read-columns.ts";
import { allows, isPath } from "./types.ts";

/** A sealed batch, opened: immutable columns of one data type. */
export interface Batch {
  readonly header: BatchHeader;
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** The same batch with columns added or, where the path exists, replaced. */
  with(columns: readonly Column[]): Batch;
  /** A row as an event object. For the few rows that matter; hot paths read columns. */
  event(row: number): Event;
  /**
   * Gives the memory of the body back at once: megabytes with every batch would lie about until the garbage collector comes
   * round to them. Call it, if at all, when nobody will read the batch or one made `with` it again.
   */
  free(): void;
}

/** Columns that every batch has. */
export const requiredPaths: readonly string[] = ["id", "@timestamp", "dataType"];

/**
 * Opens a frame and checks all of it, but for what `openFrame` checked where that gave the header. Throws `batch.malformed` or
 * `batch.newer_schema`, both to be dead-lettered.
 */
export function decodeBatch(frame: Buffer, opened?: BatchHeader): Batch {
  const header = opened ?? openFrame(frame, schemaVersion).header;
  const bytes = frameBody(frame, header);
  if (header.codec === "lz4") {
    const { memory, columns } = refusing("", () => unpackBody(bytes, header.rows, header.bodyBytes));
    return openColumns(header, columns, () => freeBytes(memory));
  }
  // What was not compressed lies in the frame, which is not ours.
  return openBody(header, bytes, header.codec === "none" ? undefined : () => freeBytes(bytes));
}

/** Opens a body and checks all of it. Throws `batch.malformed`. */
export function openBody(header: BatchHeader, body: Buffer, free?: () => void): Batch {
  return openColumns(
    header,
    refusing("", () => readBody(body)),
    free,
  );
}

/** Calls `read`; a RangeError of it is what is wrong with a column, or with the body. */
function refusing<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw malformed(
      path ? `column "${path.slice(0, 100)}" ${error.message}` : `its body ${error.message}`,
      error,
    );
  }
}

function openColumns(header: BatchHeader, raw: RawColumn[], free?: () => void): Batch {
  const columns = new Map<string, Column>();
  for (const { path, encoding, bytes, bounds, made } of raw.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const column = refusing(path, () => {
      if (!isPath(path) || !allows(path, encoding)) throw new RangeError(`may not be ${encoding}`);
      return readColumn(path, encoding, bytes, header.rows, bounds, made);
    });
    columns.set(path, column);
  }
  for (const required of requiredPaths) {
    if (!columns.has(required)) throw malformed(`it has no column "${required}"`);
  }
  return batchOf(header, columns, free);
}

/** A batch over given columns. `free` gives back the memory they lie in. */
export function batchOf(
  header: BatchHeader,
  columns: ReadonlyMap<string, Column>,
  free: () => void = () => {},
): Batch {
  const rows = Math.min(header.rows, frameLimits.rows);
  let eventOf: ((row: number) => Event) | undefined;
  return {
    header,
    rows,
    columns,
    with: (added) => {
      const merged = new Map(columns);
      for (const column of added) merged.set(column.path, column);
      return batchOf(header, merged, free);
    },
    event: (row) => {
      eventOf ??= eventMaker(columns.values());
      return eventOf(row);
    },
    free,
  };
}
