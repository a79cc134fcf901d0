import { eventId, type InputSink, idPrefix } from "@vedette/sdk";
import { type EmitLine, replacedFlaw } from "./line-cutter.ts";
import type { FileRecord } from "./registry.ts";
import type { FileInputDeps, FileInputSettings } from "./settings.ts";

/** Makes logs of the lines of one generation and hands them on. */
export function lineEmitter(
  sink: InputSink,
  { dataType, dataSource }: FileInputSettings,
  { agentId, clock, metrics }: FileInputDeps,
): (record: FileRecord) => EmitLine {
  return ({ source }) => {
    const prefix = idPrefix(agentId, source);
    return (offset, end, raw, flaw) => {
      const id = eventId(prefix, offset);
      const time = clock.now();
      const position = { source, offset, end };
      if (flaw === undefined) return sink.push({ id, dataType, dataSource, time, raw, position });
      metrics.flaws.add(1, { flaw: flaw === replacedFlaw ? "not_utf8" : "cut" });
      return sink.push({ id, dataType, dataSource, time, raw, position, flaw });
    };
  };
}
