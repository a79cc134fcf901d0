import { defaultTenant, type Event, type Log } from "@vedette/sdk";
import { BatchBuilder, decodeBatch, withChunk } from "../batch/index.ts";
import type { PipelineSet, RowLog, RowProgram } from "../pipeline/index.ts";

const limits = { rows: 1_000_000, bytes: 1 << 30 };
const stamp = {
  batchId: "00000000-0000-7000-8000-000000000000",
  agentId: "00000000-0000-7000-8000-000000000001",
  epoch: 1,
  sequence: 1,
};
const position = (row: number) => ({ source: "s", offset: row, end: row + 1 });

/** What became of each log: its event as the batch gives it back, or why it was dropped. */
export type Row = Event | string;

function decoded(builder: BatchBuilder, outcomes: readonly (number | string)[]): Row[] {
  if (builder.rows === 0) return outcomes.map(String);
  const batch = decodeBatch(builder.seal(stamp).frame);
  return outcomes.map((outcome) => (typeof outcome === "string" ? outcome : batch.event(outcome)));
}

/** Logs through the interpreter and a batch. */
export function interpreted(set: PipelineSet, logs: readonly Log[]): Row[] {
  const builder = new BatchBuilder(logs[0]?.dataType ?? "", limits);
  const outcomes = logs.map((log, index) => {
    const outcome = set.process(log);
    if (outcome.kind === "dropped") return outcome.reason;
    builder.append({ ...outcome.event, agentId: "agent" }, position(index));
    return builder.rows - 1;
  });
  return decoded(builder, outcomes);
}

/** ASCII lines one behind the other, as an input reads them; undefined for other logs. */
function chunkOf(logs: readonly Log[]) {
  const isAscii = logs.map(({ raw }) => /^[\0-\x7f]+$/.test(raw));
  const bytes = Buffer.from(
    logs.map(({ raw }, index) => (isAscii[index] ? `${raw}\n` : "")).join(""),
    "latin1",
  );
  const rows: number[] = [];
  let at = 0;
  const lines = logs.map(({ raw }, index) => {
    if (!isAscii[index]) return undefined;
    const [from, to] = [at, at + raw.length];
    at = to + 1;
    return { bytes, from, to, ahead: rows.push(from, from, to, at) / 4 - 1 };
  });
  return { bytes, lines, rows: Uint32Array.from(rows) };
}

/** Logs through the compiled program into a batch; `together` as an input brings them that reads many lines at a time. */
export function compiled(set: PipelineSet, logs: readonly Log[], together = false): Row[] {
  const dataType = logs[0]?.dataType ?? "";
  const builder = new BatchBuilder(dataType, limits);
  if (!together) return decoded(builder, outcomesOf(set, builder, logs));
  const { bytes, lines, rows } = chunkOf(logs);
  return decoded(
    builder,
    withChunk(bytes, () =>
      outcomesOf(set, builder, logs, (program) =>
        rows.length > 0 && program.ahead?.(bytes, rows, 0, rows.length / 4) === true
          ? lines
          : lines.map((line) => line && { ...line, ahead: -1 }),
      ),
    ),
  );
}

function outcomesOf(
  set: PipelineSet,
  builder: BatchBuilder,
  logs: readonly Log[],
  linesOf?: (program: RowProgram) => readonly (Pick<RowLog, "bytes" | "from" | "to" | "ahead"> | undefined)[],
): (number | string)[] {
  const program = set.columns(builder.dataType);
  const rows = program.bind(builder);
  const lines = linesOf?.(rows);
  return logs.map((log, index) => {
    const { raw, id, dataSource } = log;
    const tenantId = log.tenantId ?? "";
    const timestamp = log["@timestamp"];
    const time = Date.parse(timestamp);
    const reason = rows.run(builder.rows, {
      time,
      timestamp,
      dataSource,
      tenantId,
      raw,
      id,
      ...lines?.[index],
    });
    if (reason !== undefined) return reason;
    builder.endRow(raw.length);
    const facts = {
      time,
      dataSource: program.writesDataSource ? "" : dataSource,
      tenantId: tenantId || defaultTenant.id,
      agentId: "agent",
    };
    builder.log(id, raw, facts, position(index));
    return builder.rows - 1;
  });
}

/**
 * Logs through the compiled program as an input brings them that reads many lines at a time, and as many of them together as the pipeline
 * takes. They must have the same facts. `open` is told of each line that was left to be run by itself.
 */
export function inBlocks(set: PipelineSet, logs: readonly Log[], open: () => void = () => {}): Row[] {
  const [facts] = logs;
  if (!facts) return [];
  const builder = new BatchBuilder(facts.dataType, limits);
  const bytes = Buffer.from(logs.map(({ raw }) => `${raw}\n`).join(""));
  const rows = new Uint32Array(logs.length * 4);
  let at = 0;
  for (const [index, { raw }] of logs.entries()) {
    const end = at + Buffer.byteLength(raw);
    rows.set([at, at, end, end + 1], index * 4);
    at = end + 1;
  }
  const program = set.columns(facts.dataType);
  const { dataSource } = facts;
  const time = Date.parse(facts["@timestamp"]);
  const tenantId = facts.tenantId ?? "";
  const logOf = ({ id, raw }: Log): RowLog => ({
    time,
    timestamp: facts["@timestamp"],
    dataSource,
    tenantId,
    raw,
    id,
  });
  const outcomes: (number | string)[] = [];
  return decoded(
    builder,
    withChunk(bytes, () => {
      const bound = program.bind(builder);
      const { block } = bound;
      // What a log says itself is written behind its row, which may be one of many.
      const say = (index: number): void => {
        const { id, raw } = logs[index]!;
        const known = { time, dataSource: program.writesDataSource ? "" : dataSource, agentId: "agent" };
        builder.log(id, raw, { ...known, tenantId: tenantId || defaultTenant.id }, position(index));
      };
      const alone = (index: number): void => {
        open();
        const from = rows[index * 4 + 1]!;
        const to = rows[index * 4 + 2]!;
        const isAscii = to - from === logs[index]!.raw.length;
        const reason = bound.run(builder.rows, {
          ...logOf(logs[index]!),
          ...(isAscii && { bytes, from, to }),
        });
        if (reason === undefined) {
          builder.endRow(to - from);
          say(index);
        }
        outcomes.push(reason ?? builder.rows - 1);
      };
      for (let next = 0; next < logs.length; ) {
        const lines = { bytes, rows, first: next, count: logs.length - next, always: true as const };
        const taken = block?.run(lines, logOf(facts)) ?? next - logs.length;
        for (let line = 0; line < Math.abs(taken); line++) {
          const index = next + line;
          const row = builder.rows;
          if (taken < 0 || block!.isOpen(line) || !block!.write(line, 1, row, logOf(facts))) alone(index);
          else {
            builder.endRows(1, logs[index]!.raw.length);
            say(index);
            outcomes.push(row);
          }
        }
        next += Math.abs(taken);
      }
      return outcomes;
    }),
  );
}
