import { type Event, eventFields, type Position, schemaVersion } from "@vedette/sdk";
import { writeBody } from "./body.ts";
import { ByteWriter } from "./bytes.ts";
import { type ColumnBuilder, NumberBuilder, TextBuilder, TextsBuilder } from "./column-builders.ts";
import { placeOf } from "./columns.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import { type BatchHeader, frameLimits, type Stretch, sealFrame } from "./frame.ts";
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
export const overflowPath = "log._overflow";

/** Collects events of one data type, column by column. Seal once, then drop it. */
export class BatchBuilder {
  readonly dataType: string;
  readonly #limits: BatchLimits;
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #sources = new Map<string, { from: number; to: number }>();
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
      this.#sources.size >= frameLimits.sources
    );
  }

  /** Adds one event. Values that do not fit their field's kind are left out; the pipeline has checked them. */
  append(event: Event, position: Position): void {
    const row = this.#rows++;
    this.#object("", event as Record<string, unknown>, row);
    if (this.#overflow) {
      const text = JSON.stringify(this.#overflow);
      this.#overflow = undefined;
      this.#value(overflowPath, text, row);
    }
    const time = Date.parse(event["@timestamp"] ?? "");
    if (time < this.#minTime) this.#minTime = time;
    if (time > this.#maxTime) this.#maxTime = time;
    this.#position(position);
  }

  /** Notes a stretch of a source that gave no event (dropped by a pipeline), so that the checkpoint still moves. */
  skip(position: Position): void {
    this.#position(position);
  }

  /** The stretches of sources seen so far. */
  get sources(): Stretch[] {
    return [...this.#sources].map(([source, { from, to }]) => ({ source, from, to }));
  }

  #position({ source, offset, end }: Position): void {
    const seen = this.#sources.get(source);
    if (!seen) this.#sources.set(source, { from: offset, to: end });
    else if (end > seen.to) seen.to = end;
  }

  #object(prefix: string, object: Record<string, unknown>, row: number): void {
    for (const key in object) {
      const value = object[key];
      if (value === undefined || value === null || value === "") continue;
      const path = prefix === "" ? key : `${prefix}.${key}`;
      if (typeof value === "object" && !Array.isArray(value)) {
        this.#object(path, value as Record<string, unknown>, row);
      } else {
        this.#value(path, value, row);
      }
    }
  }

  #value(path: string, value: unknown, row: number): void {
    const column = this.#columns.get(path) ?? this.#open(path);
    if (!column) {
      this.#overflow ??= {};
      this.#overflow[path] = value;
    } else if (column instanceof DynamicBuilder) {
      if (column.accepts(value)) this.#add(column, row, value);
    } else {
      const stored = fitting(path, value);
      if (stored !== undefined) this.#add(column, row, stored);
    }
  }

  #add(column: ColumnBuilder, row: number, value: unknown): void {
    const before = column.size;
    column.add(row, value);
    this.#bytes += column.size - before;
  }

  #open(path: string): ColumnBuilder | undefined {
    const log = path.startsWith("log.");
    if (log && path !== overflowPath && (this.#columns.size >= maxPaths || !isPath(path))) return undefined;
    const builder = log ? new DynamicBuilder() : schemaBuilder(path);
    if (builder) this.#columns.set(path, builder);
    return builder;
  }

  /** Ends the batch and gives its frame. Throws a RangeError when it has no rows. */
  seal(stamp: SealStamp): SealedBatch {
    if (this.#rows === 0) throw new RangeError("A batch needs at least one row.");
    const body = new ByteWriter(Math.min(this.#bytes + 4096, frameLimits.bodyBytes));
    writeBody(
      [...this.#columns].map(([path, column]) => ({ path, write: (out) => column.finish(this.#rows, out) })),
      body,
    );
    const { batchId, agentId, epoch, sequence } = stamp;
    return sealFrame(
      {
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
      },
      body.view(),
      stamp.codec ?? "zstd",
    );
  }
}

const kinds = new Map(eventFields.map((field) => [field.path, field.kind]));

/** The value in the form its column takes, or undefined where it does not fit the field's kind. */
function fitting(path: string, value: unknown): unknown {
  switch (kinds.get(path)) {
    case "text":
      return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
    case "time": {
      const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
      return Number.isNaN(time) ? undefined : time;
    }
    case "u32":
      return isInteger(value, 0xffff_ffff) ? value : undefined;
    case "u64":
      return isU64(value) ? value : undefined;
    case "f64":
      return typeof value === "number" ? value : undefined;
    case "texts":
      return Array.isArray(value) ? value.map(String) : undefined;
    default:
      return undefined;
  }
}

function schemaBuilder(path: string): ColumnBuilder | undefined {
  const place = placeOf(path);
  if (!place) return path.startsWith("compliance.") ? new DynamicBuilder() : undefined;
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
