import { hash } from "node:crypto";
import type { InputSink } from "@vedette/sdk";
import { type EmitLine, replacedFlaw } from "./line-cutter.ts";
import type { FileRecord } from "./registry.ts";
import type { FileInputDeps, FileInputSettings } from "./settings.ts";

/**
 * The first 20 hex digits of every event id of a source. The offset makes the other 12, so a line read twice has
 * one id, two lines never share one within a source, and no hash is computed per line.
 */
export const idPrefix = (agentId: string, source: string): string =>
  hash("sha256", `${agentId}\n${source}`, "hex").slice(0, 20);

/** Makes logs of the lines of one generation and hands them on. */
export function lineEmitter(
  sink: InputSink,
  { dataType, dataSource }: FileInputSettings,
  { agentId, clock, metrics }: FileInputDeps,
): (record: FileRecord) => EmitLine {
  return ({ source }) => {
    const prefix = idPrefix(agentId, source);
    return (offset, end, raw, flaw) => {
      const id = prefix + offset.toString(16).padStart(12, "0");
      const time = clock.now();
      const position = { source, offset, end };
      if (flaw === undefined) return sink.push({ id, dataType, dataSource, time, raw, position });
      metrics.flaws.add(1, { flaw: flaw === replacedFlaw ? "not_utf8" : "cut" });
      return sink.push({ id, dataType, dataSource, time, raw, position, flaw });
    };
  };
}
