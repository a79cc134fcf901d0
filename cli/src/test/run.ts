import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { builtin, plugins } from "@vedette/agent";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import {
  type BlockShare,
  explainBlocks,
  type Failure,
  findCases,
  type PipelineCase,
  readCase,
  runCase,
  saveCase,
} from "@vedette/core/pipeline-test";
import { type AnyPlugin, messageOf } from "@vedette/sdk";
import { UsageError } from "../exit.ts";

/** What became of one case folder. */
export interface TestedCase {
  /** Path of the folder, from the working folder. */
  readonly folder: string;
  readonly passed: boolean;
  readonly dataType?: string;
  readonly lines: number;
  readonly failures: readonly Failure[];
  /** Why it could not be run at all. */
  readonly problem?: string;
  /** True when its expectations were written anew. */
  readonly updated?: true;
}

/**
 * The case folders at or below the paths. Without paths those below the working folder, and where there are none,
 * those of the built-in plugins. Throws a `UsageError` for a path that does not exist or holds no case.
 */
export function selectCases(paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => {
    if (!existsSync(path)) throw new UsageError(`There is no "${path}".`);
    const found = findCases(path);
    if (found.length === 0)
      throw new UsageError(`No test is at or below "${path}": a test is a folder that holds lines.log.`);
    return found;
  });
  if (paths.length > 0) return [...new Set(folders)];
  const here = findCases(".");
  const found = here.length > 0 ? here : builtinCases();
  if (found.length === 0)
    throw new UsageError("No test is below this folder: a test is a folder that holds lines.log.");
  return found;
}

const builtinCases = (): string[] =>
  [...new Set(builtin.pipelines().map((file) => fileURLToPath(new URL("./tests/", file))))]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => findCases(folder));

/** Runs case folders one after the other; loads each pipeline once. */
export class TestRun {
  readonly #update: boolean;
  readonly #sets = new Map<string, PipelineSet>();
  /** What has been run, by pipeline and data type. */
  readonly #seen = new Map<string, { set: PipelineSet; dataType: string; lines: string[]; time: string }>();

  constructor({ update }: { readonly update: boolean }) {
    this.#update = update;
  }

  /** Never throws for what is in the folder: what cannot be run has failed, with its reason. */
  run(folder: string): TestedCase {
    const shown = relative(".", folder) || ".";
    try {
      const test = readCase(folder);
      const { set, dataType } = this.#pipelines(test);
      this.#note(test, set, dataType);
      const { found, failures } = runCase(test, set, dataType);
      const result = { folder: shown, dataType, lines: test.lines.length };
      // What the two forms of a pipeline do not agree on is nothing to expect.
      const faults = failures.filter((failure) => failure.compiled);
      if (this.#update && failures.length > faults.length) {
        saveCase(test, found);
        return { ...result, passed: faults.length === 0, failures: faults, updated: true };
      }
      if (test.expected === undefined) return { ...result, passed: false, failures: [], problem: missing };
      return { ...result, passed: failures.length === 0, failures };
    } catch (error) {
      return { folder: shown, passed: false, lines: 0, failures: [], problem: messageOf(error) };
    }
  }

  /** How an agent would read the lines of the cases that ran, by data type. */
  explain(): BlockShare[] {
    return [...this.#seen.values()].map(({ set, dataType, lines, time }) =>
      explainBlocks(set, dataType, lines, time),
    );
  }

  #note({ pipeline, lines, time }: PipelineCase, set: PipelineSet, dataType: string): void {
    const key = `${dataType} ${pipeline ?? ""}`;
    const seen = this.#seen.get(key) ?? { set, dataType, lines: [], time };
    this.#seen.set(key, seen);
    seen.lines.push(...lines.filter((line) => line !== ""));
  }

  #pipelines(test: PipelineCase): { readonly set: PipelineSet; readonly dataType: string } {
    const set = this.#load(test.pipeline);
    const dataType = test.dataType ?? (test.pipeline === undefined ? undefined : set.dataTypes[0]);
    if (dataType === undefined)
      throw new Error(
        'No pipeline.yaml is here or above. Name a built-in data type: "dataType" in case.yaml.',
      );
    if (!set.dataTypes.includes(dataType))
      throw new Error(
        `${test.pipeline ?? "No built-in pipeline"} is ${test.pipeline ? "not " : ""}for the data type "${dataType}".`,
      );
    return { set, dataType };
  }

  #load(pipeline: string | undefined): PipelineSet {
    const key = pipeline ?? "";
    const known = this.#sets.get(key);
    if (known) return known;
    const set = loadPipelines(pipeline === undefined ? builtin.pipelines() : withItsPlugin(pipeline), {
      parsers: builtin.parsers,
    });
    this.#sets.set(key, set);
    return set;
  }
}

const missing = "expected.ndjson is missing or empty. Write it with --update, then read it.";

/** A file of a built-in plugin runs with the others of that plugin, as in an agent. */
function withItsPlugin(file: string): readonly (string | URL)[] {
  const owner = (plugins as readonly AnyPlugin[]).find(({ parse }) =>
    parse?.pipelines.some((url) => fileURLToPath(url) === file),
  );
  return owner?.parse?.pipelines ?? [file];
}
