import { BatchBuilder, type BatchLimits, type LogFacts, withChunk } from "@vedette/core/batch";
import type {
  ColumnProgram,
  DraftWriter,
  RowBlock,
  RowLog,
  RowProgram,
  WaitingProgram,
} from "@vedette/core/pipeline";
import { defaultTenant, type InputLog, type Logger, messageOf } from "@vedette/sdk";
import { type ChunkRows, LineLog } from "./chunk-rows.ts";
import type { TapHub } from "./control/index.ts";
import { FactColumns } from "./fact-columns.ts";
import type { LogChunk } from "./input/index.ts";
import { isoTime } from "./iso-time.ts";
import type { FinishedDraft } from "./waiting-lane.ts";

/** What is told of a log that a pipeline dropped. */
export interface DroppedLog {
  readonly dataType: string;
  readonly dataSource: string;
}

export interface FillingDeps {
  readonly agentId: string;
  readonly log: Logger;
  readonly taps: TapHub;
  /** Told of each log that a pipeline drops, where somebody wants to know. */
  readonly dropped?: ((log: DroppedLog) => void) | undefined;
  /** Sizes of the columns of the type's last batch; kept from one to the next. */
  readonly sizes: Map<string, number>;
}

/** Lines of a chunk that are being added. */
interface LineWork {
  readonly chunk: LogChunk;
  readonly rows: ChunkRows;
  readonly log: LineLog;
  /** The row of the next line that is kept, and of the next line. */
  kept: number;
  row: number;
  /** How many lines from which one on were looked at ahead. */
  ahead: number;
  aheadFrom: number;
}

const fewLines = 64;

/** A batch that is being filled, with its share of the counters: they are added once per batch, not per line. */
export class Filling {
  readonly builder: BatchBuilder;
  readonly dropped = new Map<string, number>();
  timer: NodeJS.Timeout | undefined;
  /** When the timer ends, on the monotonic clock. */
  due = 0;
  lines = 0;
  bytes = 0;
  readonly #deps: FillingDeps;
  readonly #columns: FactColumns;
  readonly #program: RowProgram;
  readonly #mostRows: number;
  readonly #plain: ColumnProgram["plain"];
  readonly #writesDataSource: boolean;
  #writer: { readonly program: WaitingProgram; readonly to: DraftWriter } | undefined;

  constructor(dataType: string, limits: BatchLimits, program: ColumnProgram, deps: FillingDeps) {
    this.builder = new BatchBuilder(dataType, limits, deps.sizes);
    this.#deps = deps;
    this.#columns = new FactColumns(this.builder);
    this.#program = program.bind(this.#columns);
    this.#mostRows = limits.rows;
    this.#plain = program.plain;
    this.#writesDataSource = program.writesDataSource;
  }

  /** Parses one log into the next row, or counts why it was dropped. */
  add(log: InputLog): void {
    const { id, time, dataSource, raw, flaw, tenantId = "" } = log;
    this.#columns.facts = log.facts;
    const reason = this.#run({ id, time, timestamp: isoTime(time), dataSource, tenantId, raw, flaw });
    this.#end(log, reason, this.#known(time, dataSource, tenantId));
  }

  /** Writes a draft that has waited for plugins into the next row, or counts why it was dropped. */
  addDraft({ log, program, draft }: FinishedDraft): void {
    const { id, time, dataSource, raw, flaw, tenantId = "" } = log;
    if (this.#writer?.program !== program) this.#writer = { program, to: program.bind(this.#columns) };
    const { to } = this.#writer;
    this.#columns.facts = log.facts;
    const row = { id, time, timestamp: isoTime(time), dataSource, tenantId, raw, flaw };
    const reason = this.#guarded(flaw, () => to.write(this.builder.rows, row, draft));
    this.#end(log, reason, this.#known(time, "", tenantId));
  }

  /** Ends the row of a log. */
  #end({ id, raw, position, dataSource }: InputLog, reason: string | undefined, known: LogFacts): void {
    const { builder } = this;
    this.lines++;
    // Offsets of files count bytes, those of other sources count logs.
    this.bytes += Math.max(position.end - position.offset, raw.length);
    if (reason !== undefined) {
      this.#drop(reason, raw, dataSource);
      builder.skip(position);
      return;
    }
    this.#columns.write(builder.rows);
    builder.endRow(raw.length);
    builder.log(id, raw, known, position);
  }

  /** As `add` for the lines of a chunk from a row on, until the batch is full. Gives the first row that was not taken. */
  addLines(chunk: LogChunk, rows: ChunkRows, first: number): number {
    if (this.#plain) return this.#addPlain(chunk, rows, first, this.#plain.tenantName);
    return withChunk(rows.bytes, () => this.#addLines(chunk, rows, first));
  }

  #addPlain(chunk: LogChunk, rows: ChunkRows, first: number, tenantName: string): number {
    const { source, base, idPrefix, lines, count, time, dataSource } = chunk;
    const { builder } = this;
    const from = rows.start(first);
    const bytesOf = (some: number): number => rows.end(first + some - 1) - from;
    const row = first + builder.plainRows(count - first, time, tenantName, bytesOf);
    const offset = base + from;
    const end = base + rows.end(row - 1);
    this.lines += row - first;
    if (lines.passed === 0) this.bytes += bytesOf(row - first);
    else for (let at = first; at < row; at++) this.bytes += rows.end(at) - rows.start(at);
    builder.lines({ lines, first, base, idPrefix }, this.#known(time, dataSource));
    builder.skip({ source, offset, end });
    return row;
  }

  #addLines(chunk: LogChunk, rows: ChunkRows, first: number): number {
    const { source, base, idPrefix, lines, count, time, dataSource } = chunk;
    const { builder } = this;
    const offset = base + rows.start(first);
    this.#columns.facts = undefined;
    const most = first + Math.min(count - first, this.#mostRows - builder.rows);
    const work: LineWork = {
      chunk,
      rows,
      log: new LineLog(rows, time, isoTime(time), dataSource),
      kept: first,
      row: first,
      ahead: 0,
      aheadFrom: first,
    };
    const block = this.#program.block;
    while (work.row < most && !builder.full) {
      const alone = block ? this.#addBlock(work, block, most) : most - work.row;
      this.#addEach(work, work.row + alone, most);
    }
    const { row } = work;
    const end = base + rows.end(row - 1);
    this.lines += row - first;
    builder.lines({ lines, first, base, idPrefix }, this.#known(time, dataSource));
    builder.skip({ source, offset, end });
    return row;
  }

  /** Adds lines that are worked on together. Gives how many behind them are to be added one by one. */
  #addBlock(work: LineWork, block: RowBlock, most: number): number {
    const { rows, chunk, log } = work;
    const { builder } = this;
    const first = work.row;
    log.move(first);
    const taken = block.run({ bytes: rows.bytes, rows: chunk.lines.rows, first, count: most - first }, log);
    if (taken < 0) return -taken;
    for (let line = 0; line < taken && !builder.full; line = work.row - first) {
      const count = block.closed(line);
      if (count > 0) {
        if (!block.write(line, count, builder.rows, log)) return taken - line;
        this.bytes += block.bytes(line, count);
        builder.endRows(count, block.textBytes(line, count));
        rows.moveSome(work.row, count, work.kept);
        work.kept += count;
        work.row += count;
      } else this.#addEach(work, work.row + 1, most);
    }
    return 0;
  }

  /** Adds lines one by one up to `end`, or until the batch is full; `most` is the last that may come. */
  #addEach(work: LineWork, end: number, most: number): void {
    const { rows, chunk, log } = work;
    const { builder } = this;
    // Few are not worth to be looked at ahead; the places of those that were hold until some are again.
    if (work.row >= work.aheadFrom + work.ahead && end - work.row >= fewLines) {
      work.aheadFrom = work.row;
      const { rows: places } = chunk.lines;
      const all = most - work.row;
      work.ahead = chunk.ascii && this.#program.ahead?.(rows.bytes, places, work.row, all) === true ? all : 0;
    }
    while (work.row < end && !builder.full) {
      const { row } = work;
      log.move(row);
      const ahead = row - work.aheadFrom;
      log.ahead = ahead < work.ahead ? ahead : -1;
      this.bytes += rows.end(row) - rows.start(row);
      const reason = this.#run(log);
      if (reason === undefined) {
        builder.endRow(rows.textBytes(row));
        rows.move(row, work.kept++);
      } else this.#drop(reason, this.#deps.taps.watches("drops", "logs") ? log.raw : "", chunk.dataSource);
      work.row++;
    }
  }

  /** Fills a row, or says why the log is dropped. */
  #run(log: RowLog): string | undefined {
    return this.#guarded(log.flaw, () => this.#program.run(this.builder.rows, log));
  }

  /** A line never fails: at worst it is kept unparsed. */
  #guarded(flaw: string | undefined, fill: () => string | undefined): string | undefined {
    const { builder } = this;
    try {
      return fill();
    } catch (error) {
      const { dataType } = builder;
      this.#deps.log.error({ dataType, error }, "A pipeline failed; the line is kept unparsed.");
      const failure = `The pipeline failed: ${messageOf(error)}`;
      builder.column("errors")?.add(builder.rows, flaw === undefined ? [failure] : [flaw, failure]);
      return undefined;
    }
  }

  #drop(reason: string, raw: string, dataSource: string): void {
    const { dataType } = this.builder;
    this.#deps.dropped?.({ dataType, dataSource });
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
    this.#deps.taps.dropped({ dataType, reason, raw });
  }

  #known(time: number, dataSource: string, tenantId = ""): LogFacts {
    // What a pipeline may change is the pipeline's to write.
    const source = this.#writesDataSource ? "" : dataSource;
    return { time, dataSource: source, tenantId: tenantId || defaultTenant.id, agentId: this.#deps.agentId };
  }
}
