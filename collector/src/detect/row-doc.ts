import type { Batch, Column, Texts } from "@vedette/core/batch";
import { type Doc, docOf } from "@vedette/core/pipeline";
import { type Event, eventField } from "@vedette/sdk";
import type { Columns } from "../correlate/index.ts";

/** How a path is read from the rows of one batch. */
export type Reading =
  /** No row has it. */
  | { readonly kind: "absent" }
  /** Exactly the values of one column. The last one read is kept: several conditions ask for it. */
  | { readonly kind: "column"; readonly column: Column; row: number; value: unknown }
  /** Part of a value, or an object of several columns: read from the event itself. */
  | { readonly kind: "event" };

const absent: Reading = { kind: "absent" };
const whole: Reading = { kind: "event" };
/** What gives a path more meaning than keys joined by dots. */
const special = /[\\#]/;

/** Decides once per batch and path how it is read, so that it equals reading the materialised event. */
export class BatchPaths implements Columns {
  readonly #batch: Batch;
  readonly #readings = new Map<string, Reading>();
  /** Every proper prefix of a column's path: `origin` and `origin.geolocation` for `origin.geolocation.city`. */
  #parents: Set<string> | undefined;

  constructor(batch: Batch) {
    this.#batch = batch;
  }

  reading(path: string): Reading {
    let reading = this.#readings.get(path);
    if (!reading) {
      reading = this.#decide(path);
      this.#readings.set(path, reading);
    }
    return reading;
  }

  texts(path: string): Texts | "absent" | undefined {
    const reading = this.reading(path);
    if (reading.kind === "absent") return "absent";
    if (reading.kind === "event") return undefined;
    const { column } = reading;
    return column.kind === "text" || column.kind === "dynamic" ? column.texts() : undefined;
  }

  #decide(path: string): Reading {
    if (special.test(path)) return whole;
    const { columns } = this.#batch;
    for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
      // A scalar or list above: the row decides whether the path leads into it.
      if (columns.has(path.slice(0, dot))) return whole;
    }
    this.#parents ??= parentsOf(columns.keys());
    const column = columns.get(path);
    if (this.#parents.has(path)) return whole;
    if (!column) return absent;
    return eventField(path)?.kind === "json" ? whole : { kind: "column", column, row: -1, value: undefined };
  }
}

function parentsOf(paths: Iterable<string>): Set<string> {
  const parents = new Set<string>();
  for (const path of paths) {
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      const parent = path.slice(0, dot);
      if (parents.has(parent)) break;
      parents.add(parent);
    }
  }
  return parents;
}

/** A row of a batch as a document. Move it by setting `row`; the event is made only where a path needs it. */
export class RowDoc implements Doc {
  readonly #batch: Batch;
  readonly #paths: BatchPaths;
  #row = 0;
  #event: Event | undefined;
  #eventDoc: Doc | undefined;

  constructor(batch: Batch, paths: BatchPaths) {
    this.#batch = batch;
    this.#paths = paths;
  }

  get row(): number {
    return this.#row;
  }

  set row(row: number) {
    if (row === this.#row) return;
    this.#row = row;
    this.#event = undefined;
    this.#eventDoc = undefined;
  }

  /** The row as an object, made once. */
  event(): Event {
    this.#event ??= this.#batch.event(this.#row);
    return this.#event;
  }

  get(path: string): unknown {
    const reading = this.#paths.reading(path);
    if (reading.kind === "column") {
      if (reading.row !== this.#row) {
        reading.value = reading.column.value(this.#row);
        reading.row = this.#row;
      }
      return reading.value;
    }
    if (reading.kind === "absent") return undefined;
    this.#eventDoc ??= docOf(this.event());
    return this.#eventDoc.get(path);
  }
}
