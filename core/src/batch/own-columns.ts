import type { ColumnBuilder } from "./column-builders.ts";
import type { IdBuilder, LineRows } from "./ids.ts";
import type { NumberBuilder } from "./number-builder.ts";
import type { RawBuilder } from "./raw-builder.ts";
import type { TextBuilder } from "./text-builder.ts";

/** What a batcher knows of logs before anybody has parsed them. */
export interface LogFacts {
  /** Time of read, milliseconds since 1970. */
  readonly time: number;
  readonly dataSource: string;
  readonly tenantId: string;
  readonly agentId: string;
}

const constants = ["dataSource", "tenantId", "agentId"] as const;

/** The columns of a batch that come from the log itself and not from a pipeline. */
export class OwnColumns {
  readonly #open: (path: string) => ColumnBuilder;
  readonly #dataType: string;

  /** `open` gives the column of a path, the same one each time. */
  constructor(dataType: string, open: (path: string) => ColumnBuilder) {
    this.#dataType = dataType;
    this.#open = open;
  }

  /** Writes one row. */
  log(row: number, id: string, raw: string, facts: LogFacts): void {
    this.#open("id").add(row, id);
    if (raw !== "") this.#open("raw").add(row, raw);
    this.#facts(row, 1, facts);
  }

  /** Writes `count` rows from lines of a split. */
  lines(row: number, count: number, from: LineRows, facts: LogFacts): void {
    const { lines, first } = from;
    const dense = lines.isDense(first, count);
    (this.#open("id") as IdBuilder).lines(row, count, from, dense);
    (this.#open("raw") as RawBuilder).lines(row, count, lines, first, dense);
    this.#facts(row, count, facts);
  }

  #facts(row: number, count: number, facts: LogFacts): void {
    (this.#open("@timestamp") as NumberBuilder).repeat(row, count, facts.time);
    (this.#open("dataType") as TextBuilder).repeat(row, count, this.#dataType);
    for (const key of constants) {
      if (facts[key] !== "") (this.#open(key) as TextBuilder).repeat(row, count, facts[key]);
    }
  }
}
