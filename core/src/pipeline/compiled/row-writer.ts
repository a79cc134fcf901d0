import type { Event } from "@vedette/sdk";
import {
  type ColumnBuilder,
  type Fit,
  fitOf,
  type RowColumns,
  type TextColumnBuilder,
} from "../../batch/index.ts";

/** A key of the event tree with the column of its values. */
interface Node {
  readonly path: string;
  column: ColumnBuilder | undefined;
  readonly fit: Fit;
  readonly children: Map<string, Node>;
}

/** Keys of one level that are remembered; a hostile source could name keys without end. */
const maxKeys = 1_000;

/** Written by the caller for every row. */
const own: ReadonlySet<string> = new Set(["id", "@timestamp", "dataType", "tenantId", "agentId", "raw"]);

const makeNode = (path: string): Node => ({ path, column: undefined, fit: fitOf(path), children: new Map() });

/** The columns of one batch, opened when a value comes, and the writing of values whose names come with the log. */
export class RowWriter {
  readonly #columns: RowColumns;
  readonly #root = makeNode("");
  readonly #log = makeNode("log");

  constructor(columns: RowColumns) {
    this.#columns = columns;
    this.#root.children.set("log", this.#log);
  }

  /** The column of a path; where it has none, one that keeps its values in the overflow. */
  open(path: string): ColumnBuilder {
    const column = this.#columns.column(path);
    if (column) return column;
    return {
      add: (_row, value) => this.#columns.overflow(path, value),
      pack: () => ({ encoding: "dynamic", packing: "lz4", bytes: 0 }),
      size: 0,
    };
  }

  /** The column of a path whose values are texts, or any below `log.`; it takes them as bytes too. */
  openText(path: string): TextColumnBuilder {
    const column = this.open(path);
    if ("addSlice" in column) return column as TextColumnBuilder;
    return {
      add: (row, value) => column.add(row, value),
      addSlice: (row, bytes, from, to) => column.add(row, Buffer.from(bytes.subarray(from, to)).toString()),
      pack: (rows, out) => column.pack(rows, out),
      get size() {
        return column.size;
      },
    };
  }

  /** Writes a finished event, without the fields that the caller writes; `dataSource` says whether that is one of ours. */
  event(event: Event, row: number, dataSource: boolean): void {
    for (const key in event) {
      if (own.has(key) || (key === "dataSource" && !dataSource)) continue;
      this.#item(this.#root, key, event[key as keyof Event], row);
    }
  }

  /** Writes what an object holds that is a field of `log`. */
  below(name: string, value: object, row: number): void {
    this.#object(this.#child(this.#log, name), value as Record<string, unknown>, row);
  }

  #object(parent: Node, object: Record<string, unknown>, row: number): void {
    for (const key in object) this.#item(parent, key, object[key], row);
  }

  #item(parent: Node, key: string, value: unknown, row: number): void {
    if (value === undefined || value === null || value === "") return;
    const node = this.#child(parent, key);
    if (typeof value === "object" && !Array.isArray(value)) {
      this.#object(node, value as Record<string, unknown>, row);
      return;
    }
    const stored = node.fit(value);
    if (stored === undefined) return;
    node.column ??= this.open(node.path);
    node.column.add(row, stored);
  }

  #child(parent: Node, key: string): Node {
    const known = parent.children.get(key);
    if (known) return known;
    const node = makeNode(parent.path === "" ? key : `${parent.path}.${key}`);
    if (parent.children.size < maxKeys) parent.children.set(key, node);
    return node;
  }
}
