import { eventId, type InputSink, idPrefix } from "@vedette/sdk";
import { type EmitLine, type EmitLines, type LineChunk, replacedFlaw } from "./line-cutter.ts";
import type { FileRecord } from "./registry.ts";
import type { FileInputDeps, FileInputSettings } from "./settings.ts";

/** Lines of one source that were read at one time, as they lie in the buffer they were read into. */
export interface LogChunk extends LineChunk {
  readonly source: string;
  /** Of the ids of the source; `Lines.ids` makes them whole. */
  readonly idPrefix: string;
  readonly dataType: string;
  readonly dataSource: string;
  /** Time of read, milliseconds since 1970. */
  readonly time: number;
}

/** A sink that takes many logs at once, without an object and a text for each. */
export interface ChunkSink extends InputSink {
  /** As `push` for each line. The chunk is the sink's until a returned promise resolves. */
  pushLines(chunk: LogChunk): void | Promise<void>;
}

/** Takes the lines of one generation. */
export interface LineTaker {
  readonly line: EmitLine;
  /** Missing where every line is wanted on its own. */
  readonly lines?: EmitLines;
  /** Offset of the first line that was taken and is held back. */
  readonly heldFrom?: number | undefined;
  /** Hands on what is held back. */
  flush?(): Promise<void>;
  /** Lets go of what is held back. */
  discard?(): void;
}

const takesChunks = (sink: InputSink): sink is ChunkSink => "pushLines" in sink;

/** Makes logs of the lines of one generation and hands them on. */
export function lineEmitter(
  sink: InputSink,
  { dataType, dataSource }: FileInputSettings,
  { agentId, clock, metrics }: FileInputDeps,
): (record: FileRecord) => LineTaker {
  return ({ source }) => {
    const prefix = idPrefix(agentId, source);
    const line: EmitLine = (offset, end, raw, flaw) => {
      const id = eventId(prefix, offset);
      const time = clock.now();
      const position = { source, offset, end };
      if (flaw === undefined) return sink.push({ id, dataType, dataSource, time, raw, position });
      metrics.flaws.add(1, { flaw: flaw === replacedFlaw ? "not_utf8" : "cut" });
      return sink.push({ id, dataType, dataSource, time, raw, position, flaw });
    };
    if (!takesChunks(sink)) return { line };
    const own = { source, idPrefix: prefix, dataType, dataSource };
    return { line, lines: (chunk) => sink.pushLines({ ...chunk, ...own, time: clock.now() }) };
  };
}
