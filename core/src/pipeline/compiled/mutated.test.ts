import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Log } from "@vedette/sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { loadPipelines } from "../load.ts";
import { inBlocks, interpreted } from "./testing/twins.ts";

const plugins = fileURLToPath(new URL("../../../../plugins/", import.meta.url));
/** Lines of each pipeline that are changed; many more are tried by hand after a change. */
const count = Number(process.env.VEDETTE_TWINS ?? 100) * 2;

const yamlOf = (name: string): string[] =>
  readdirSync(`${plugins}${name}`).filter((file) => file.endsWith(".yaml"));
const names = readdirSync(plugins).filter(
  (name) => existsSync(`${plugins}${name}/tests`) && yamlOf(name).length > 0,
);

const linesOf = (name: string): string[] =>
  readdirSync(`${plugins}${name}/tests`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("lines.log"))
    .flatMap((file) => readFileSync(`${plugins}${name}/tests/${file}`, "utf8").split("\n").filter(Boolean));

const pieces = [
  '"',
  "=",
  "|",
  " ",
  "  ",
  ":",
  "[",
  "]",
  "<",
  ">",
  "\\",
  "1",
  "x",
  "\u00e9",
  "\t",
  ";",
  ",",
  " - ",
  "{",
  "%",
];

/** A line that is cut, doubled in part, or has something put in or taken out. */
const changed = (lines: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...lines), fc.nat(), fc.nat(), fc.nat(7), fc.constantFrom(...pieces))
    .map(([line, first, second, how, piece]) => {
      const at = first % (line.length + 1);
      const other = second % (line.length + 1);
      if (how === 0) return line.slice(0, at);
      if (how === 1) return line.slice(at);
      if (how === 2) return line.slice(0, at) + line.slice(at + 1 + (second % 4));
      if (how === 3) return line.slice(0, at) + line.slice(Math.min(at, other));
      if (how === 4) return line.replace(/\d/g, (digit) => String((Number(digit) + second) % 10));
      return line.slice(0, at) + piece + line.slice(at);
    })
    .filter((line) => line !== "");

it.each(names)("says the same of changed lines in blocks: %s", (name) => {
  const files = yamlOf(name).map((file) => `${plugins}${name}/${file}`);
  const lines = fc.sample(changed(linesOf(name)), { numRuns: count });
  for (const dataType of loadPipelines(files).dataTypes) {
    const logs = lines.map(
      (raw, index): Log => ({
        id: String(index),
        dataType,
        dataSource: "host-1",
        "@timestamp": "2026-10-10T00:00:00.000Z",
        raw,
      }),
    );
    const [slow, block] = [loadPipelines(files), loadPipelines(files)];
    const wanted = interpreted(slow, logs);
    for (const [index, row] of inBlocks(block, logs).entries())
      expect(row, lines[index]).toEqual(wanted[index]);
    expect(block.steps.map(({ counters }) => counters)).toEqual(slow.steps.map(({ counters }) => counters));
    expect(block.conversion).toEqual(slow.conversion);
  }
});
