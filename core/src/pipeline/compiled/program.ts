import { defaultTenant, type Log } from "@vedette/sdk";
import type { ColumnBuilder, RowColumns, TextColumnBuilder } from "../../batch/index.ts";
import { ObjectDoc } from "../cel/index.ts";
import { unfit } from "../coerce.ts";
import type { Draft } from "../draft.ts";
import { toEvent } from "../event.ts";
import { pathOf } from "../paths/index.ts";
import { runStep } from "../run-step.ts";
import { LONG_LINE } from "../watch.ts";
import { BlockProgram, type WhyNoBlock } from "./block/index.ts";
import { LogNames } from "./log-names.ts";
import { RowWriter } from "./row-writer.ts";
import type { ColumnProgram, RowBlock, RowLog, RowProgram } from "./seam.ts";
import { slice } from "./slices.ts";
import { dropReason, PipelineSource, type Plan } from "./writer.ts";

/** A program with its counters. */
export interface CountedProgram extends ColumnProgram {
  /** Brings the counters to the steps. */
  fold(): void;
}

/** What the generated source knows of a batch. */
interface Bound {
  readonly columns: (ColumnBuilder | undefined)[];
  /** Columns of fields of `log` that logs named. */
  readonly named: (TextColumnBuilder | undefined)[];
  readonly writer: RowWriter;
}

/** `bytes` are those of the line from `from` up to `to` where they are ASCII, else undefined. */
type Run = (
  bound: Bound,
  row: number,
  log: RowLog,
  bytes: Uint8Array | undefined,
  from: number,
  to: number,
) => string | undefined;

/** Node's own writing call, twice as fast as `write`; it is missing from its types. */
type Writable = Buffer & { utf8Write(text: string, at: number): number };

/** The bytes of a line that came as a text. */
const scratch = Buffer.allocUnsafeSlow(LONG_LINE * 3) as Writable;

/** Compiles the steps of a data type to one function that fills the columns of a row, which is written when a row first needs it. */
export function compileProgram(plan: Plan): CountedProgram {
  const { dataType, steps, conversion, tenantNames } = plan;
  const source = new PipelineSource(plan);
  const { counts, usesRaw, writesDataSource } = source;

  /** Ends a row as the interpreter does, for what the columns do not take as it is. */
  const end = (
    to: RowWriter,
    row: number,
    log: RowLog,
    tenantId: string,
    tenantName: string | undefined,
    draft: Draft,
  ): void => {
    const { id, timestamp, dataSource, flaw } = log;
    const complete: Log = { id, dataType, dataSource, "@timestamp": timestamp, tenantId, raw: "" };
    const event = toEvent(draft, complete, tenantName, conversion);
    if (flaw !== undefined) event.errors = [flaw, ...(event.errors ?? [])];
    to.event(event, row, writesDataSource);
  };
  const hand = (
    to: RowWriter,
    row: number,
    log: RowLog,
    tenantId: string,
    tenantName: string | undefined,
    draft: Draft,
    from: number,
  ): string | undefined => {
    if (draft.dropped) return dropReason;
    const doc = new ObjectDoc(draft.root);
    for (let index = from; index < steps.length; index++) {
      runStep(steps[index]!, draft, doc);
      if (draft.dropped) return dropReason;
    }
    end(to, row, log, tenantId, tenantName, draft);
    return undefined;
  };
  /** A line so long that its steps are watched, which only the interpreter does. */
  const long = (to: RowWriter, row: number, log: RowLog): string | undefined => {
    const { id, timestamp, dataSource, raw } = log;
    const tenantId = log.tenantId || defaultTenant.id;
    const root = { id, dataType, dataSource, "@timestamp": timestamp, tenantId, raw };
    const draft: Draft = { root, errors: [], dropped: false, long: true };
    plan.runLong(draft);
    if (draft.dropped) return dropReason;
    end(to, row, log, tenantId, tenantNames.get(tenantId), draft);
    return undefined;
  };
  const readAny = (path: string, root: unknown): unknown => pathOf(path).read(root);
  const compiled = (): Run => {
    const { columnPaths, emitter, logFields, text } = source.written;
    const scope: Readonly<Record<string, unknown>> = {
      n: counts.values,
      columnPaths,
      defaultId: defaultTenant.id,
      dataType,
      tenantNames,
      unfit,
      slice,
      names: new LogNames(logFields),
      end,
      hand,
      readAny,
      ...Object.fromEntries(emitter.values.map((value, index) => [`h${index}`, value])),
    };
    return new Function(...Object.keys(scope), text)(...Object.values(scope)) as Run;
  };
  let one: Run | undefined;

  let blockProgram: BlockProgram | WhyNoBlock | undefined;
  const inBlocks = (): BlockProgram | WhyNoBlock =>
    (blockProgram ??= usesRaw
      ? BlockProgram.of({ ...plan, counts, writesDataSource })
      : { why: "no step reads the line" });
  return {
    get paths() {
      return source.written.columnPaths;
    },
    usesRaw,
    plain: steps.length === 0 ? { tenantName: tenantNames.get(defaultTenant.id) ?? "" } : undefined,
    writesDataSource,
    get interpreted() {
      return source.written.interpreted;
    },
    fold: () => counts.fold(),
    get noBlock() {
      const program = inBlocks();
      return program instanceof BlockProgram ? undefined : program;
    },
    bind: (columns: RowColumns): RowProgram => {
      const writer = new RowWriter(columns);
      let bound: Bound | undefined;
      const run = (row: number, log: RowLog, bytes?: Uint8Array, from = 0, to = 0): string | undefined => {
        one ??= compiled();
        bound ??= {
          columns: new Array<ColumnBuilder | undefined>(source.written.columnPaths.length).fill(undefined),
          named: [],
          writer,
        };
        return one(bound, row, log, bytes, from, to);
      };
      if (!usesRaw) return { run: (row, log) => run(row, log) };
      let block: RowBlock | undefined;
      return {
        get block() {
          const program = inBlocks();
          if (program instanceof BlockProgram) block ??= program.bind(writer);
          return block;
        },
        ahead: (bytes, rows, first, count) =>
          source.written.emitter.ahead?.cut(bytes, rows, first, count) === true,
        run: (row, log) => {
          const { bytes, from = 0, to = 0 } = log;
          if (bytes !== undefined && to - from <= LONG_LINE) return run(row, log, bytes, from, to);
          const { raw } = log;
          if (raw.length > LONG_LINE) return long(writer, row, log);
          const isAscii = scratch.utf8Write(raw, 0) === raw.length;
          return run(row, log, isAscii ? scratch : undefined, 0, raw.length);
        },
      };
    },
  };
}
