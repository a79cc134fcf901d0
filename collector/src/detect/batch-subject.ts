import type { Batch, Column } from "@vedette/core/batch";
import type { Doc } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import { EventRef, type PackedId, RowHeads } from "../correlate/index.ts";
import type { Subject } from "./engine.ts";
import { type BatchPaths, RowDoc } from "./row-doc.ts";

/** A row of a batch for the engine; one object serves all rows. */
export class BatchSubject implements Subject {
  /** For what looks at values without making strings of them. */
  readonly columns: BatchPaths;
  readonly #doc: RowDoc;
  readonly #heads: RowHeads;
  readonly #ids: Column | undefined;
  #firstSeq: number;
  #ref: EventRef | undefined;
  #id: string | undefined;

  constructor(batch: Batch, paths: BatchPaths, firstSeq: number) {
    this.columns = paths;
    this.#doc = new RowDoc(batch, paths);
    this.#heads = new RowHeads(batch);
    this.#ids = batch.columns.get("id");
    this.#firstSeq = firstSeq;
  }

  get row(): number {
    return this.#doc.row;
  }
  set row(row: number) {
    this.#doc.row = row;
    this.#ref = undefined;
    this.#id = undefined;
  }

  /** Moves to a row that is not placed by its number. */
  place(row: number, seq: number): void {
    this.row = row;
    this.#firstSeq = seq - row;
  }

  get doc(): Doc {
    return this.#doc;
  }
  get id(): string {
    this.#id ??= this.#ids?.kind === "text" ? this.#ids.text(this.#doc.row) : "";
    return this.#id;
  }
  key(): PackedId {
    return this.#heads.keyOf(this.#doc.row);
  }
  get time(): number {
    return this.#heads.timeOf(this.#doc.row);
  }
  get seq(): number {
    return this.#firstSeq + this.#doc.row;
  }
  event(): Event {
    return this.#doc.event();
  }
  ref(): EventRef {
    this.#ref ??= EventRef.ofRow(this.#heads, this.#doc.row);
    return this.#ref;
  }
}
