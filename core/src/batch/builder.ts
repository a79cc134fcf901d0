import { type Event, eventField, type FieldKind, type Position, schemaVersion } from "@vedette/sdk";
import { withBody } from "./body.ts";
import type { ByteWriter } from "./bytes.ts";
import { type ColumnBuilder, NumberBuilder, TextBuilder, TextsBuilder } from "./column-builders.ts";
import { placeOf } from "./columns.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import { type BatchHeader, cursorText, frameLimits, type Stretch, sealFrame } from "./frame.ts";
import { type DynamicType, isInteger, isPath, isU64 } from "./types.ts";

export interface BatchLimits {
  /** Rows after which a batch is full. */
  readonly rows: number;
  /** Uncompressed bytes after which a batch is full. */
  readonly bytes: number;
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

const dynamicOf: Partial<Record<string, DynamicType>> = { u32: "Int64", u64: "UInt64", f64: "Float64" };

/** Columns whose values practically never repeat, so that no dictionary is tried. */
const unique = new Set(["id", "raw"]);

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

type Fit = (value: unknown) => unknown;

/** Collects events of one data type, column by column. Seal once, then drop it. */
export class BatchBuilder {
  readonly dataType: string;
  readonly #limits: BatchLimits;
  readonly #root: Slot = { path: "", column: null, fit: whole, children: new Map() };
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #sources = new Map<string, { from: number; to: number; cursor: string | undefined }>();
  #sourceText = 0;
  /** What the current row says under names that get no column. */
  #overflow: Record<string, unknown> | undefined;
  #rows = 0;
  #bytes = 0;
  #minTime = Number.POSITIVE_INFINITY;
  #maxTime = Number.NEGATIVE_INFINITY;

  constructor(dataType: string, limits: BatchLimits) {
    this.dataType = dataType;
    this.#limits = limits;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rough uncompressed size in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when the next event belongs into a new batch. */
  get full(): boolean {
    return (
      this.#rows >= this.#limits.rows ||
      this.#bytes >= this.#limits.bytes ||
      this.#sources.size >= frameLimits.sources ||
      this.#sourceText >= frameLimits.sourceText
    );
  }

  /** Adds one event. Values that do not fit their field's kind are left out; the pipeline has checked them. */
  append(event: Event, position: Position): void {
    const row = this.#rows++;
    this.#object(this.#root, event as Record<string, unknown>, row);
    if (this.#overflow) {
      const text = JSON.stringify(this.#overflow);
      this.#overflow = undefined;
      this.#object(this.#root, { log: { [overflowKey]: text } }, row);
    }
    const time = parseTime(event["@timestamp"] ?? "") ?? 0;
    if (time < this.#minTime) this.#minTime = time;
    if (time > this.#maxTime) this.#maxTime = time;
    this.#position(position);
  }

  /** Notes a stretch of a source that gave no event (dropped by a pipeline), so that the checkpoint still moves. */
  skip(position: Position): void {
    this.#position(position);
  }

  /** The stretches of sources seen so far. A cursor that no decoder would take is left out. */
  get sources(): Stretch[] {
    return [...this.#sources].map(([source, { from, to, cursor }]) =>
      cursor === undefined || !cursorText.test(cursor) ? { source, from, to } : { source, from, to, cursor },
    );
  }

  #position({ source, offset, end, cursor }: Position): void {
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

  #object(parent: Slot, object: Record<string, unknown>, row: number): void {
    for (const key in object) {
      const value = object[key];
      if (value === undefined || value === null || value === "") continue;
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
      this.#overflow ??= {};
      this.#overflow[slot.path] = value;
      return;
    }
    const stored = slot.fit(value);
    if (stored === undefined) return;
    const before = column.size;
    column.add(row, stored);
    this.#bytes += column.size - before;
  }

  #open(path: string): ColumnBuilder | undefined {
    const known = this.#columns.get(path);
    if (known) return known;
    const log = path.startsWith("log.");
    if (log && path !== overflowPath && (this.#columns.size >= maxPaths || !isPath(path))) return undefined;
    const builder = log ? new DynamicBuilder() : schemaBuilder(path);
    if (builder) this.#columns.set(path, builder);
    return builder;
  }

  /** Ends the batch and gives its frame. Throws a RangeError when it has no rows. */
  seal(stamp: SealStamp): SealedBatch {
    if (this.#rows === 0) throw new RangeError("A batch needs at least one row.");
    const { batchId, agentId, epoch, sequence } = stamp;
    const header = {
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
    const columns = [...this.#columns].map(([path, column]) => ({
      path,
      write: (out: ByteWriter) => column.finish(this.#rows, out),
    }));
    return withBody(columns, (body) => sealFrame(header, body, stamp.codec ?? "zstd"));
  }
}

/** Consecutive logs often carry the same time; parsing it costs more than the rest of a field. */
const lastTime: { text: string; time: number | undefined }[] = [];
const lastTimes = 4;

function parseTime(text: string): number | undefined {
  for (const last of lastTime) if (last.text === text) return last.time;
  const parsed = Date.parse(text);
  const time = Number.isNaN(parsed) ? undefined : parsed;
  if (lastTime.length >= lastTimes) lastTime.pop();
  lastTime.unshift({ text, time });
  return time;
}

const whole: Fit = (value) => value;

const fits: Record<Exclude<FieldKind, "json">, Fit> = {
  text: (value) =>
    typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined,
  time: (value) => (typeof value === "string" ? parseTime(value) : undefined),
  u32: (value) => (isInteger(value, 0xffff_ffff) ? value : undefined),
  u64: (value) => (isU64(value) ? value : undefined),
  f64: (value) => (typeof value === "number" ? value : undefined),
  texts: (value) => (Array.isArray(value) ? value.map(String) : undefined),
};

/** Gives a value in the form its column takes, or undefined where it does not fit the field's kind. */
function fitOf(path: string): Fit {
  const kind = eventField(path)?.kind;
  return kind === undefined || kind === "json" ? whole : fits[kind];
}

function schemaBuilder(path: string): ColumnBuilder | undefined {
  const place = placeOf(path);
  if (!place) return path.startsWith("compliance.") && isPath(path) ? new DynamicBuilder() : undefined;
  if (place.kind === "json") return new DynamicBuilder(place.field ? dynamicOf[place.field.kind] : undefined);
  switch (place.field.kind) {
    case "text":
      return new TextBuilder(unique.has(path));
    case "texts":
      return new TextsBuilder();
    case "json":
      return undefined;
    default:
      return new NumberBuilder(place.field.kind);
  }
}
