import type { RowColumns } from "../../batch/index.ts";

/** What a program reads of a log. `raw` and `id` may be getters; a program that does not need them never asks. */
export interface RowLog {
  /** When it was read, milliseconds since 1970. */
  readonly time: number;
  /** The same as RFC 3339 in UTC. */
  readonly timestamp: string;
  readonly dataSource: string;
  /** Empty for the default tenant. */
  readonly tenantId: string;
  readonly raw: string;
  readonly id: string;
  /**
   * Where the line is ASCII and its bytes are at hand: they lie in `bytes` from `from` up to `to`, and hold while the log is
   * parsed.
   */
  readonly bytes?: Uint8Array | undefined;
  readonly from?: number;
  readonly to?: number;
  /** Its number among the lines that were looked at ahead; below 0 or left out where it was not. */
  readonly ahead?: number;
  /** What was wrong with the line itself; becomes the first of its errors. */
  readonly flaw?: string | undefined;
}

/** Lines of a split: rows of `Lines` from `first` on, which count from the beginning of `bytes`. */
export interface BlockLines {
  readonly bytes: Uint8Array;
  readonly rows: Uint32Array;
  readonly first: number;
  /** Most of them that are wanted. */
  readonly count: number;
  /** True to work on them together even where that left most to be run one by one: for tests. */
  readonly always?: true;
}

/** Work on many lines at once. All of them have the same facts and no flaws. */
export interface RowBlock {
  /**
   * Works on as many of the lines as it takes, and gives their number; where it is negative, so many lines are to be run one by one.
   * Nothing is written or counted.
   */
  run(lines: BlockLines, log: RowLog): number;
  /**
   * From now on tells after which step how many lines of a block were left to the plain program: its label and place, or in words what else
   * it was, such as a value that its column does not take as it is. For people who tune pipelines.
   */
  watch(told: ((where: string, lines: number) => void) | undefined): void;
  /** True for a line, counted from the first of the last `run`, that is to be run by itself. */
  isOpen(line: number): boolean;
  /** How many lines from one on are not open, up to the first that is. */
  closed(line: number): number;
  /** Bytes of some lines of the last `run`, their newlines among them, and those of their texts alone. */
  bytes(line: number, count: number): number;
  textBytes(line: number, count: number): number;
  /**
   * Writes `count` lines from one of the last `run` on, none of them open, as `RowProgram.run` would write each, from a row on. False,
   * with nothing written, where they are to be run one by one.
   */
  write(line: number, count: number, row: number, log: RowLog): boolean;
}

/** A program whose values go to the columns of one batch. */
export interface RowProgram {
  /**
   * Parses one log and writes its values, `deviceTime`, `tenantName` and `errors` among them; the log's own fields
   * (`id`, `@timestamp`, `dataType`, `dataSource`, `tenantId`, `agentId`, `raw`) are the caller's. A text is the reason
   * why a step dropped the log; then nothing was written. Throws only before anything is written.
   */
  run(row: number, log: RowLog): string | undefined;
  /**
   * Looks at `count` lines together, rows of `Lines` from `first` on, whose bytes are ASCII. If this gives true, the logs of these
   * lines may say so by `ahead`, until it is called again. Missing where it would not help.
   */
  ahead?(bytes: Uint8Array, rows: Uint32Array, first: number, count: number): boolean;
  /** The same pipeline over many lines at once, where it has such a form. Made when it is asked for. */
  readonly block?: RowBlock | undefined;
}

/** The pipeline of one data type as a writer into columns. */
export interface ColumnProgram {
  /** Event paths that steps may write, as far as they are known when loading. */
  readonly paths: readonly string[];
  /** False when no step can read the line, so that `raw` need not be made a text. */
  readonly usesRaw: boolean;
  /** Where there are no steps: all that a log of the default tenant gets, besides a `deviceTime` that is its own time. */
  readonly plain: { readonly tenantName: string } | undefined;
  /**
   * True when a step may name another source of the log. Then the program writes the column `dataSource` of every row,
   * and the caller does not.
   */
  readonly writesDataSource: boolean;
  /** Steps that run in the interpreter, on an object made of the row for them: `label` of each. */
  readonly interpreted: readonly string[];
  /** Why lines go through it one by one; undefined where it takes many at once. For people who tune pipelines. */
  readonly noBlock: { readonly why: string; readonly step?: string } | undefined;
  bind(columns: RowColumns): RowProgram;
}
