import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Log } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { readSource, type Source } from "../../config/index.ts";
import { checkPipelineFile, compilePipelines, loadPipelines } from "../load.ts";
import type { PipelineSet } from "../runner.ts";
import { CarriedCode, type CarriedFunction } from "./index.ts";
import { compiled, inBlocks, interpreted } from "./testing/twins.ts";

const plugins = fileURLToPath(new URL("../../../../plugins/", import.meta.url));
/** A folder of more lines, of any kind, that is no part of the repository. */
const samples = process.env.VEDETTE_SAMPLES || undefined;

const linesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".log"))
    .flatMap((name) => readFileSync(`${folder}/${name}`, "utf8").split("\n"));

const pipelinesIn = (name: string): string[] =>
  statSync(`${plugins}${name}`).isDirectory()
    ? readdirSync(`${plugins}${name}`)
        .filter((file) => file.endsWith(".yaml"))
        .map((file) => `${plugins}${name}/${file}`)
    : [];
const names = readdirSync(plugins).filter((name) => !name.startsWith("_") && pipelinesIn(name).length > 0);
// Each pipeline also gets the lines of all others: what it cannot parse must be the same too.
const lines = [
  ...names.flatMap((name) =>
    existsSync(`${plugins}${name}/tests`) ? linesIn(`${plugins}${name}/tests`) : [],
  ),
  ...(samples === undefined ? [] : linesIn(samples).slice(0, 20_000)),
];

/** A pipeline as the one-file agent carries it: nothing of it is checked again. */
function carried(file: string): Source {
  const source = readSource(file);
  const result = checkPipelineFile(source);
  if (!result.ok) throw new Error(`${file} is wrong.`);
  return { ...source, checked: JSON.parse(JSON.stringify(result.value)) };
}

/** What the one-file agent carries of a pipeline's form for blocks. */
function codeOf(set: PipelineSet, dataType: string): CarriedCode {
  const made: Record<string, CarriedFunction> = {};
  set.carriedOf = () =>
    new CarriedCode({}, (key, one) => {
      made[key] = one;
    });
  // Asking why there is none makes the form.
  expect(set.columns(dataType).noBlock?.why).not.toBe("");
  return new CarriedCode(JSON.parse(JSON.stringify(made)));
}

const counted = (set: PipelineSet) => set.steps.map(({ counters }) => counters);

describe("a shipped pipeline says the same compiled", () => {
  it.each(names)("%s", (name) => {
    const load = () => loadPipelines(pipelinesIn(name));
    const fast = compilePipelines(pipelinesIn(name).map(carried));
    const slow = load();
    expect(lines.length).toBeGreaterThan(50);
    for (const dataType of slow.dataTypes) {
      const logs = lines.map((raw, index): Log => {
        const timestamp = new Date(1_791_590_400_000 + index * 1_000).toISOString();
        return { id: String(index), dataType, dataSource: "host-1", "@timestamp": timestamp, raw };
      });
      const expected = interpreted(slow, logs);
      for (const [index, row] of compiled(fast, logs).entries()) expect(row).toEqual(expected[index]);
      const together = load();
      compiled(together, logs.slice(0, 4_000), true);
      const rows = compiled(together, logs.slice(0, 4_000), true);
      for (const [index, row] of rows.entries()) expect(row).toEqual(expected[index]);
      // Blocks of a source that has no other program's lines, and of one that has.
      const same = logs.map((log) => ({ ...log, "@timestamp": "2026-10-10T00:00:00.000Z" }));
      const alone = load();
      const block = compilePipelines(pipelinesIn(name).map(carried));
      const code = codeOf(load(), dataType);
      block.carriedOf = () => code;
      const wanted = interpreted(alone, same);
      for (const [index, row] of inBlocks(block, same).entries()) expect(row).toEqual(wanted[index]);
      expect(counted(block)).toEqual(counted(alone));
      expect(block.conversion).toEqual(alone.conversion);
      expect(code.written).toBe(0);
    }
    expect(fast.steps.map(({ counters }) => counters)).toEqual(slow.steps.map(({ counters }) => counters));
    expect(fast.conversion).toEqual(slow.conversion);
  });
});
