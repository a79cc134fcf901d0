import { type Event, type Position, schemaVersion } from "@vedette/sdk";
import { withBody } from "./body.ts";
import type { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { columnOf } from "./column-of.ts";
import { type Fit, fitOf, parseTime } from "./fit.ts";
import {
  type BatchHeader,
  beginFrame,
  cursorText,
  frameLimits,
  frameOf,
  openFrame,
  type Stretch,
  sealFrame,
} from "./frame.ts";
import type { LineRows } from "./ids.ts";
import type { NumberBuilder } from "./number-builder.ts";
import { type LogFacts, OwnColumns } from "./own-columns.ts";
import { packBody, unpackBody } from "./packing.ts";
import type { TextBuilder } from "./text-builder.ts";

export interface BatchLimits {
  /** Rows after which a batch is full. */
  readonly rows: number;
  /** Uncompressed bytes after which a batch is full. */
  readonly bytes: number;
  /** Keep empty texts below `log.`, which pipelines write none of: for events of others that rules are tried on. */
  readonly keepsEmpty?: boolean;
}

/** What the sealer adds to the rows. */
export interface SealStamp {
  readonly batchId: string;
  readonly agentId: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly codec?: BatchHeader["codec"];
}

export interface SealedBatch {
  readonly header: BatchHeader;
  readonly frame: Buffer;
}

/** Bound of distinct paths below `log.` in one batch; what further ones say is kept as JSON text. */
const maxPaths = 1_000;
const overflowKey = "_overflow";
export const overflowPath = `log.${overflowKey}`;

/**
 * A key of the event tree: the column of its values and the keys below it. One look-up per key and row,
 * instead of building the path anew.
 */
interface Slot {
  readonly path: string;
  /** undefined: not opened yet; null: its values go to the overflow. */
  column: ColumnBuilder | null | undefined;
  readonly fit: Fit;
  readonly children: Map<string, Slot>;
}

/** The columns of a batch that is being filled, for a program that writes the values of its rows itself. */
export interface RowColumns {
  /**
   * The column of an event's path, opened where it is new. Takes values in the form of the column: text, numbers, times in
   * milliseconds since 1970, lists of text, anything below `log.`. Null: the path gets no column, say the value to `overflow`.
   */
  column(path: string): ColumnBuilder | null;
  /** Keeps a value of the row that is being filled as JSON text. */
  overflow(path: string, value: unknown): void;
}

/** Bytes of a column that are worth remembering for the next batch. */
const worthNoting = 16 << 10;
/** Where the size of the frame and the number of rows are remembered, which no columns' paths are. */
const frameKey = "";
const rowsKey = "\0";
/** Bytes of a row's own columns besides its text: above all its id and its time. */
const ownBytes = 48;
/** The same for a row that has no others, with the time in it. */
const plainBytes = ownBytes + 9;
/** Rows, and bytes of their texts, after which the size of a batch is looked at anew: adding it up costs as much as a row. */
const lookRows = 64;
const lookBytes = 64 << 10;

/** Whether names below are the source's own. */
const isOwn = (path: string): boolean => path === "log" || path.startsWith("log.");

/**
 * Collects events of one data type, column by column: whole ones by `append`, or rows that a program fills by `endRow`
 * and, for what the logs themselves say, by `log` or `lines`. Seal once, then drop it.
 */
export class BatchBuilder implements RowColumns {
  readonly dataType: string;
  readonly #limits: BatchLimits;
  readonly #sizes: Map<string, number> | undefined;
  readonly #root: Slot = { path: "", column: null, fit: fitOf(""), children: new Map() };
  readonly #columns = new Map<string, ColumnBuilder>();
  /** The frame, with room in front of its body, from the first line on that it holds. */
  #frame: { readonly out: ByteWriter; readonly start: number } | undefined;
  readonly #sources = new Map<string, { from: number; to: number; cursor: string | undefined }>();
  #sourceText = 0;
  /** What the current row says under names that get no column. */
  #overflow: Record<string, unknown> | undefined;
  readonly #own: OwnColumns;
  #rows = 0;
  /** Rows that have their own columns: behind `rows` only while a program fills some. */
  #ownRows = 0;
  /** Bytes that their own columns will have. */
  #owed = 0;
  #isLarge = false;
  #unseenRows = 0;
  #unseenBytes = 0;
  #minTime = Number.POSITIVE_INFINITY;
  #maxTime = Number.NEGATIVE_INFINITY;

  /**
   * `sizes` are the sizes that the columns of an earlier batch of the type had, so that columns need not grow step by
   * step; sealing brings them up to date.
   */
  constructor(dataType: string, limits: BatchLimits, sizes?: Map<string, number>) {
    this.dataType = dataType;
    this.#limits = limits;
    this.#sizes = sizes;
    this.#own = new OwnColumns(dataType, (path) => this.#open(path)!);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rough uncompressed size in bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const column of this.#columns.values()) bytes += column.size;
    return bytes;
  }

  /** True when the next event belongs into a new batch. */
  get full(): boolean {
    return (
      this.#rows >= this.#limits.rows ||
      this.#isLarge ||
      this.#sources.size >= frameLimits.sources ||
      this.#sourceText >= frameLimits.sourceText
    );
  }

  /** Adds one event. Values that do not fit their field's kind are left out; the pipeline has checked them. */
  append(event: Event, position: Position): void {
    this.#object(this.#root, event as Record<string, unknown>, this.#rows);
    this.#end(event.raw?.length ?? 0);
    this.#ownRows = this.#rows;
    this.#seenAt(parseTime(event["@timestamp"] ?? "") ?? 0);
    this.skip(position);
  }

  column(path: string): ColumnBuilder | null {
    return this.#open(path) ?? null;
  }

  overflow(path: string, value: unknown): void {
    this.#overflow ??= {};
    this.#overflow[path] = value;
  }

  /** Ends rows that were filled together, whose texts have so many bytes. */
  endRows(count: number, rawBytes: number): void {
    this.#owed += rawBytes + count * ownBytes;
    this.#rows += count;
    this.#unseenRows = 0;
    this.#unseenBytes = 0;
    this.#isLarge = this.bytes + this.#owed >= this.#limits.bytes;
  }

  /** Ends the row that was filled, whose text has so many bytes. */
  endRow(rawBytes: number): void {
    this.#owed += rawBytes + ownBytes;
    this.#end(rawBytes);
  }

  /**
   * Fills rows that no step says anything of, up to `count` as long as there is room; `bytesOf` gives the bytes of the texts of so
   * many of them. Gives their number, at least one.
   */
  plainRows(count: number, time: number, tenantName: string, bytesOf: (rows: number) => number): number {
    const first = this.#rows;
    const room = this.#limits.bytes - this.bytes - this.#owed;
    const isMost = (some: number): boolean => bytesOf(some) + some * plainBytes >= room;
    let done = Math.max(1, Math.min(count, this.#limits.rows - first));
    if (isMost(done)) {
      // The least number with which the batch is full.
      let less = 0;
      while (done - less > 1) {
        const middle = (done + less) >>> 1;
        if (isMost(middle)) done = middle;
        else less = middle;
      }
    }
    (this.#open("deviceTime") as NumberBuilder).repeat(first, done, time);
    if (tenantName !== "") (this.#open("tenantName") as TextBuilder).repeat(first, done, tenantName);
    this.#rows += done;
    this.#owed += bytesOf(done) + done * ownBytes;
    this.#isLarge = this.bytes + this.#owed >= this.#limits.bytes;
    return done;
  }

  #end(rawBytes: number): void {
    if (this.#overflow) {
      const text = JSON.stringify(this.#overflow);
      this.#overflow = undefined;
      this.#open(overflowPath)!.add(this.#rows, text);
    }
    this.#rows++;
    this.#unseenBytes += rawBytes;
    if (++this.#unseenRows < lookRows && this.#unseenBytes < lookBytes) return;
    this.#unseenRows = 0;
    this.#unseenBytes = 0;
    // What the log itself says is written behind the other columns of some rows.
    this.#isLarge = this.bytes + this.#owed >= this.#limits.bytes;
  }

  /** Writes what the log of the row that was just ended says itself. */
  log(id: string, raw: string, facts: LogFacts, position: Position): void {
    this.#own.log(this.#ownRows, id, raw, facts);
    this.#ownRows = this.#rows;
    this.#owed = 0;
    this.#seenAt(facts.time);
    this.skip(position);
  }

  /** Writes what the logs of the rows ended since the last time say themselves, from that many lines on. */
  lines(from: LineRows, facts: LogFacts): void {
    const count = this.#rows - this.#ownRows;
    if (count === 0) return;
    this.#own.lines(this.#ownRows, count, from, facts);
    this.#ownRows = this.#rows;
    this.#owed = 0;
    this.#seenAt(facts.time);
  }

  #seenAt(time: number): void {
    if (time < this.#minTime) this.#minTime = time;
    if (time > this.#maxTime) this.#maxTime = time;
  }

  /** Notes a stretch of a source, so that its checkpoint moves; also one that a pipeline dropped. */
  skip({ source, offset, end, cursor }: Position): void {
    const seen = this.#sources.get(source);
    if (!seen) {
      this.#sources.set(source, { from: offset, to: end, cursor });
      this.#sourceText += source.length + (cursor?.length ?? 0);
    } else if (end > seen.to) {
      seen.to = end;
      if (cursor !== seen.cursor) {
        this.#sourceText += (cursor?.length ?? 0) - (seen.cursor?.length ?? 0);
        seen.cursor = cursor;
      }
    }
  }

  /** The stretches of sources seen so far. A cursor that no decoder would take is left out. */
  get sources(): Stretch[] {
    return [...this.#sources].map(([source, { from, to, cursor }]) =>
      cursor === undefined || !cursorText.test(cursor) ? { source, from, to } : { source, from, to, cursor },
    );
  }

  #object(parent: Slot, object: Record<string, unknown>, row: number): void {
    for (const key in object) {
      const value = object[key];
      if (value === undefined || value === null) continue;
      // Fields of the schema have no empty text.
      if (value === "" && !(this.#limits.keepsEmpty === true && isOwn(parent.path))) continue;
      const slot = parent.children.get(key) ?? this.#slot(parent, key);
      if (typeof value === "object" && !Array.isArray(value)) {
        this.#object(slot, value as Record<string, unknown>, row);
      } else {
        this.#value(slot, value, row);
      }
    }
  }

  #slot(parent: Slot, key: string): Slot {
    const path = parent.path === "" ? key : `${parent.path}.${key}`;
    const slot: Slot = { path, column: undefined, fit: fitOf(path), children: new Map() };
    // A hostile source could name keys without end; those beyond the bound are looked up anew each time.
    if (parent.children.size < maxPaths) parent.children.set(key, slot);
    return slot;
  }

  #value(slot: Slot, value: unknown, row: number): void {
    if (slot.column === undefined) slot.column = this.#open(slot.path) ?? null;
    const { column } = slot;
    if (column === null) {
      this.overflow(slot.path, value);
      return;
    }
    const stored = slot.fit(value);
    if (stored !== undefined) column.add(row, stored);
  }

  #open(path: string): ColumnBuilder | undefined {
    const known = this.#columns.get(path);
    if (known) return known;
    if (path !== overflowPath && path.startsWith("log.") && this.#columns.size >= maxPaths) return undefined;
    const expected = { bytes: this.#sizes?.get(path) ?? 0, rows: this.#sizes?.get(rowsKey) ?? 0 };
    const builder = columnOf(path, expected, () => this.#body().out);
    if (builder) this.#columns.set(path, builder);
    return builder;
  }

  #body(): { readonly out: ByteWriter; readonly start: number } {
    if (!this.#frame) {
      const out = beginFrame(this.#sizes?.get(frameKey) ?? 0);
      this.#frame = { out, start: out.length };
    }
    return this.#frame;
  }

  /** Ends the batch and gives its frame. Throws a RangeError when it has no rows. */
  seal(stamp: SealStamp): SealedBatch {
    if (this.#rows === 0) throw new RangeError("A batch needs at least one row.");
    const { batchId, agentId, epoch, sequence } = stamp;
    const codec = stamp.codec ?? "lz4";
    const about = {
      batchId,
      agentId,
      epoch,
      sequence,
      dataType: this.dataType,
      schema: schemaVersion,
      rows: this.#rows,
      minTime: this.#minTime,
      maxTime: this.#maxTime,
      sources: this.sources,
    };
    this.#noteSizes();
    const { out, start } = this.#body();
    const columns = this.#packedFirst().map(([path, column]) => ({
      path,
      write: (to: ByteWriter) => column.pack(this.#rows, to),
    }));
    const { directory, bytes: bodyBytes } = packBody(columns, out, start);
    const sealed = frameOf({ ...about, codec: "lz4", bodyBytes }, directory, out);
    this.#sizes?.set(frameKey, sealed.frame.length).set(rowsKey, this.#rows);
    if (codec === "lz4") return sealed;
    const { header, body } = openFrame(sealed.frame, schemaVersion);
    const plain = unpackBody(body(), this.#rows, header.bodyBytes).columns.map(
      ({ path, encoding, bytes }) => ({
        path,
        write: (out: ByteWriter) => {
          out.raw(bytes);
          return encoding;
        },
      }),
    );
    return withBody(plain, (bytes) => sealFrame({ ...about, codec, bodyBytes: bytes.length }, bytes));
  }

  /** All columns, what lies in the frame already first. */
  #packedFirst(): [string, ColumnBuilder][] {
    const all = [...this.#columns];
    const at = all.findIndex(([path]) => path === "raw");
    return at > 0 ? [...all.splice(at, 1), ...all] : all;
  }

  #noteSizes(): void {
    this.#sizes?.clear();
    for (const [path, column] of this.#columns) {
      if (path !== "raw" && column.size >= worthNoting) this.#sizes?.set(path, column.size);
    }
  }
}
