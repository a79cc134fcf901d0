import type { BatchBuilder, ColumnBuilder, RowColumns } from "@vedette/core/batch";
import type { InputLog } from "@vedette/sdk";

const root = "log.input";
const isBelow = (path: string): boolean => path === root || path.startsWith(`${root}.`);

/**
 * The columns of a batch for a pipeline, with `log.input` kept for what the input itself knows: where it knows something of
 * a log, nothing that stands in the text of the log can take that place.
 */
export class FactColumns implements RowColumns {
  readonly #builder: BatchBuilder;
  /** Of the log that is being parsed. */
  facts: InputLog["facts"];

  constructor(builder: BatchBuilder) {
    this.#builder = builder;
  }

  column(path: string): ColumnBuilder | null {
    const column = this.#builder.column(path);
    if (!column || !isBelow(path)) return column;
    return {
      add: (row, value) => {
        if (!this.facts) column.add(row, value);
      },
      pack: (rows, out) => column.pack(rows, out),
      get size() {
        return column.size;
      },
    };
  }

  overflow(path: string, value: unknown): void {
    if (!this.facts || !isBelow(path)) this.#builder.overflow(path, value);
  }

  /** Writes the facts into a row that the pipeline has filled. */
  write(row: number): void {
    if (!this.facts) return;
    for (const [name, value] of Object.entries(this.facts)) {
      if (value === "") continue;
      const path = `${root}.${name}`;
      const column = this.#builder.column(path);
      if (column) column.add(row, value);
      else this.#builder.overflow(path, value);
    }
  }
}
