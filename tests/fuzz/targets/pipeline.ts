import { deepStrictEqual } from "node:assert";
import { builtin } from "@vedette/agent";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { compiled, inBlocks, interpreted } from "@vedette/core/pipeline-test";
import { event as eventSchema } from "@vedette/sdk";
import { casesOf } from "../../conformance/support/plugin-cases.ts";
import { allPlugins } from "../../conformance/support/plugin-list.ts";
import type { Target } from "../target.ts";

// A set for each form: each counts what its own form does, and blocks learn from line to line.
const [slow, fast, block] = [0, 1, 2].map(() => loadPipelines(builtin.pipelines())) as [
  PipelineSet,
  PipelineSet,
  PipelineSet,
];
const types = [...slow.dataTypes].sort();
/** A line that takes longer than this is a finding, even on a busy machine. */
const mostMs = 2_000;

/** Data types by name, so that the kept corpus stays true when a new one is added: the line begins behind the first `|`. */
function split(input: Buffer): { readonly dataType: string; readonly raw: string } {
  const at = input.indexOf(0x7c);
  const named = input.toString("latin1", 0, Math.max(0, at));
  const dataType = slow.dataTypes.includes(named) ? named : (types[(input[0] ?? 0) % types.length] ?? "");
  return { dataType, raw: input.toString("utf8", at + 1) };
}

/** Every built-in pipeline, a line at a time: a valid event or a drop, in time, the same compiled, in blocks and interpreted. */
export const pipeline: Target = {
  name: "pipeline",
  words: [
    '"',
    '\\"',
    " - ",
    "[15/Jan/2026:12:00:00 +0000]",
    "sshd[1]: ",
    "<34>1 ",
    "CEF:0|",
    '{"a":',
    ',"b":[1,{"c":null}]',
    "\\u0041",
    "-1.5e3",
    '","',
    "type=",
    "%ASA-6-",
    "2026-01-15T12:00:00Z",
    "192.0.2.1",
    "key=value ",
  ],
  seeds: () =>
    allPlugins.flatMap(({ folder, plugin }) =>
      casesOf(folder, plugin)
        .slice(0, 4)
        .flatMap(({ dataType, lines }) =>
          lines.slice(0, 3).map((line) => Buffer.from(`${dataType}|${line}`)),
        ),
    ),
  run(input) {
    const { dataType, raw } = split(input);
    const began = performance.now();
    const log = {
      id: "f".repeat(32),
      dataType,
      dataSource: "fuzz",
      "@timestamp": "2026-01-15T12:00:00.000Z",
      raw,
    };
    const expected = interpreted(slow, [log]);
    for (const row of expected) if (typeof row !== "string") eventSchema.parse(row);
    const found = compiled(fast, [log]);
    const spent = performance.now() - began;
    if (spent > mostMs) throw new Error(`${dataType}: the line took ${Math.round(spent)} ms.`);
    deepStrictEqual(found, expected);
    deepStrictEqual(inBlocks(block, [log]), expected);
  },
};
