import { defaultTenant, type Log } from "@vedette/sdk";
import { BatchBuilder } from "../batch/index.ts";
import type { PipelineSet } from "../pipeline/index.ts";
import { inBlocks } from "./twins.ts";

/** How an agent reads lines with a pipeline: many at once, or one by one. */
export interface BlockShare {
  readonly dataType: string;
  /** Why all lines are read one by one, and the step that it is about; undefined where many are read at once. */
  readonly noBlock: { readonly why: string; readonly step?: string } | undefined;
  readonly lines: number;
  /** Lines among them that are read one by one. */
  readonly alone: number;
  /** Behind what such lines were left, by step or in words, the most first. */
  readonly left: readonly { readonly where: string; readonly lines: number }[];
}

/** Says how an agent reads some lines. Lines that have been seen once may be read faster from then on, and that is what is said. */
export function explainBlocks(
  set: PipelineSet,
  dataType: string,
  lines: readonly string[],
  time: string,
): BlockShare {
  const program = set.columns(dataType);
  const { noBlock } = program;
  const none = { dataType, noBlock, lines: lines.length, alone: lines.length, left: [] };
  const { block } = program.bind(new BatchBuilder(dataType, { rows: 1, bytes: 1 }));
  if (noBlock || !block) return none;
  const logs = lines.map(
    (raw): Log => ({
      id: "line",
      dataType,
      dataSource: "test",
      tenantId: defaultTenant.id,
      "@timestamp": new Date(time).toISOString(),
      raw,
    }),
  );
  inBlocks(set, logs);
  const left = new Map<string, number>();
  let alone = 0;
  block.watch((where, count) => left.set(where, (left.get(where) ?? 0) + count));
  try {
    inBlocks(set, logs, () => alone++);
  } finally {
    block.watch(undefined);
  }
  const sorted = [...left].sort(([, a], [, b]) => b - a);
  return { ...none, alone, left: sorted.map(([where, count]) => ({ where, lines: count })) };
}
