import { type Event, eventFields, type Position, schemaVersion } from "@vedette/sdk";
import { writeBody } from "./body.ts";
import { ByteWriter } from "./bytes.ts";
import { type ColumnBuilder, NumberBuilder, TextBuilder, TextsBuilder } from "./column-builders.ts";
import { placeOf } from "./columns.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import { type BatchHeader, frameLimits, type Stretch, sealFrame } from "./frame.ts";
import type { DynamicType } from "./types.ts";

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

/** Bound of distinct paths below `log.` in one batch; further ones go into the last as JSON text. */
const maxPaths = 1_000;
export const overflowPath = "log._overflow";

/** Collects events of one data type, column by column. Seal once, then drop it. */
export class BatchBuilder {
  readonly dataType: string;
  readonly #limits: BatchLimits;
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #sources = new Map<string, { from: number; to: number }>();
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
    let column = this.#columns.get(path);
    let stored = value;
    if (!column) {
      column = this.#open(path);
      if (!column) return;
      if (column === this.#columns.get(overflowPath)) stored = JSON.stringify({ [path]: value });
    }
    if (column instanceof NumberBuilder && typeof value === "string" && isTime(path)) {
      stored = Date.parse(value);
      if (Number.isNaN(stored)) return;
    }
    const before = column.size;
    column.add(row, stored);
    this.#bytes += column.size - before;
  }

  #open(path: string): ColumnBuilder | undefined {
    const log = path.startsWith("log.");
    if (log && this.#columns.size >= maxPaths && path !== overflowPath) {
      // One row may overflow more than once; the first overflowing value of a row is kept.
      const overflow = this.#columns.get(overflowPath) ?? this.#open(overflowPath);
      return overflow && !(overflow instanceof DynamicBuilder && overflow.rows >= this.#rows)
        ? overflow
        : undefined;
    }
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

const timePaths: ReadonlySet<string> = new Set(
  eventFields.filter((field) => field.kind === "time").map((field) => field.path),
);
const isTime = (path: string): boolean => timePaths.has(path);

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
