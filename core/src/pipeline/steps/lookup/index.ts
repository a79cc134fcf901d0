import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { type JsonObject, textOf } from "../../paths/index.ts";
import {
  compileSource,
  compileTarget,
  type RunStep,
  type StepContext,
  StepError,
  type Target,
} from "../step.ts";
import { where } from "../where.ts";
import { type Entry, MAX_ENTRIES, readTable } from "./table.ts";

/** Writes what a table says about a value: one value to `target`, or several fields at once. */
export const lookup = z
  .strictObject({
    source: z.string().describe("Path of the value to look for."),
    table: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("What each value stands for: a value for `target`, or a map of fields and their values."),
    file: z
      .string()
      .min(1)
      .optional()
      .describe(
        "File with the table in place of `table`: a map in `.json` or `.yaml`, or `.csv` with the key first and a field in each other column, named in the first line. Relative to this file; read when the pipeline is loaded.",
      ),
    target: z.string().min(1).optional().describe("Field that takes a single value."),
    default: z.unknown().optional().describe("What a value that is not in the table stands for."),
    ignoreCase: z.boolean().default(false).describe("Whether upper and lower case are the same."),
    where,
  })
  .describe(
    "Writes what a table says about a value: one value to `target`, or several fields at once. A value that is not in the table gets `default`, where there is one.",
  );

type Options = z.infer<typeof lookup>;
type Write = (root: JsonObject) => void;

const isMap = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value that is written anew each time, so that no event shares it with the table. */
function writer(target: Target, value: unknown): Write {
  if (typeof value !== "object" || value === null) return (root) => target.write(root, value);
  return (root) => target.write(root, structuredClone(value));
}

function compileEntry(entry: Entry, target: string | undefined, at: readonly PropertyKey[]): Write {
  if (!isMap(entry)) {
    if (target === undefined)
      throw new StepError(at, "A single value needs a target.", "Write `target`, or a map of fields.");
    return writer(compileTarget(target, ["target"]), entry);
  }
  const writes = Object.entries(entry).map(([name, value]) =>
    writer(compileTarget(name, [...at, name]), value),
  );
  return (root) => {
    for (const write of writes) write(root);
  };
}

function entriesOf({ table, file }: Options, { file: pipelineFile }: StepContext): [string, Entry][] {
  if (table !== undefined && file !== undefined)
    throw new StepError(["file"], "Give `table` or `file`, not both.");
  if (table !== undefined) return Object.entries(table);
  if (file === undefined) throw new StepError([], "A lookup needs `table` or `file`.");
  try {
    return readTable(file, pipelineFile);
  } catch (error) {
    throw new StepError(["file"], `The table cannot be read: ${messageOf(error)}.`);
  }
}

export function compileLookup(options: Options, context: StepContext): RunStep {
  const path = compileSource(options.source, ["source"]);
  const entries = entriesOf(options, context);
  if (entries.length > MAX_ENTRIES)
    throw new StepError(
      options.file === undefined ? ["table"] : ["file"],
      `The table has more than ${MAX_ENTRIES} entries.`,
    );
  const { ignoreCase, target } = options;
  const folded = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const table = new Map<string, Write>();
  for (const [key, entry] of entries)
    table.set(
      folded(key),
      compileEntry(entry, target, options.file === undefined ? ["table", key] : ["file"]),
    );
  const otherwise =
    options.default === undefined ? undefined : compileEntry(options.default, target, ["default"]);
  return ({ root }) => {
    const value = path.read(root);
    const write = (value === undefined ? undefined : table.get(folded(textOf(value)))) ?? otherwise;
    if (!write) return "missed";
    write(root);
    return undefined;
  };
}
