import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { builtin, plugins } from "@vedette/agent";
import { builtinRules, loadRules, type Rule } from "@vedette/collector";
import { ConfigError } from "@vedette/core/config";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { pipelineAbove } from "@vedette/core/pipeline-test";
import { type AnyPlugin, messageOf } from "@vedette/sdk";
import { UsageError } from "../../exit.ts";
import { type DetectionCase, findDetections, readDetection, saveDetection } from "./case.ts";
import { type Failure, failuresOf } from "./compare.ts";
import { eventsIn, type PipelinesFor } from "./events.ts";
import { prove } from "./prove.ts";

/** What became of one case folder. */
export interface TestedDetection {
  /** Path of the folder, from the working folder. */
  readonly folder: string;
  readonly passed: boolean;
  /** Ids of the rules that it proves. */
  readonly rules: readonly string[];
  /** Events that went in, those that must stay quiet too. */
  readonly events: number;
  /** Alerts that the rules raised. */
  readonly alerts: number;
  readonly failures: readonly Failure[];
  /** The lines, by the ids that alerts know them by. */
  readonly lines: { readonly loud: readonly string[]; readonly quiet: readonly string[] };
  /** Why it could not be run at all. */
  readonly problem?: string;
  /** True when its expectations were written anew. */
  readonly updated?: true;
}

/** The cases at or below the paths. Throws a `UsageError` for a path that does not exist or holds no case. */
export function selectDetections(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new UsageError(`There is no "${path}".`);
    const below = findDetections(path);
    if (below.length > 0) return below;
    throw new UsageError(
      `No test is at or below "${path}": a test of a rule is a folder that holds detection.json.`,
    );
  });
  return [...new Set(found)];
}

interface RunOptions {
  readonly update: boolean;
  /** Rule files and folders that run beside those of a case. */
  readonly beside: readonly string[];
}

interface LoadedCase {
  readonly rules: readonly Rule[];
  readonly own: ReadonlySet<string>;
}

/** Runs cases one after the other; loads each pipeline and each set of rules once. */
export class DetectionRun {
  readonly #options: RunOptions;
  readonly #pipelines = new Map<string, PipelineSet>();
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #builtin = new Set(builtinRules().map((file) => fileURLToPath(file)));

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Never throws for what is in the folder: what cannot be run has failed, with its reason. */
  run(folder: string): TestedDetection {
    const shown = relative(".", folder) || ".";
    try {
      return { folder: shown, ...this.#prove(readDetection(folder)) };
    } catch (error) {
      return { folder: shown, ...nothing, problem: messageOf(error) };
    }
  }

  #prove(test: DetectionCase): Omit<TestedDetection, "folder"> {
    const { rules, own } = this.#load(test);
    const pipelinesFor = this.#pipelinesOf(test);
    const loud = eventsIn(test, test.loud, pipelinesFor);
    const quiet = eventsIn(test, test.quiet, pipelinesFor);
    if (loud.length === 0)
      throw new Error("There is nothing that must fire: put it into lines.log or events.ndjson.");
    const proof = prove(loud, quiet, { rules, own, time: test.time });
    const result = {
      rules: [...own],
      events: loud.length + quiet.length,
      alerts: proof.found.length,
      lines: {
        loud: [...test.loud.lines, ...test.loud.events],
        quiet: [...test.quiet.lines, ...test.quiet.events],
      },
    };
    if (proof.found.length === 0 && !test.expected?.length)
      return { ...result, passed: false, failures: [], problem: unproved };
    if (this.#options.update) {
      const failures = failuresOf(proof.found, test.also, proof);
      const updated = failuresOf(test.expected ?? [], test.also, proof).length > failures.length;
      if (updated) saveDetection(test, proof.found);
      return { ...result, passed: failures.length === 0, failures, ...(updated && { updated }) };
    }
    if (test.expected === undefined) return { ...result, passed: false, failures: [], problem: unwritten };
    const failures = failuresOf(test.expected, test.also, proof);
    return { ...result, passed: failures.length === 0, failures };
  }

  /** The rules of a case with those that run beside them; a built-in rule runs with all built-in ones, as in a collector. */
  #load({ folder, rule }: DetectionCase): LoadedCase {
    const files = [rule].flat().map((path) => fileAbove(folder, path));
    const isBuiltin = files.some((file) => this.#builtin.has(file));
    const beside = [
      ...(isBuiltin ? this.#builtin : []),
      ...this.#options.beside.map((path) => resolve(path)),
    ];
    const own = new Set(this.#read(files).map(({ id }) => id));
    if (own.size === 0) throw new Error(`No rule is in ${files.join(", ")}.`);
    return { rules: this.#read([...new Set([...beside, ...files])].sort()), own };
  }

  #read(files: readonly string[]): readonly Rule[] {
    const key = files.join("\n");
    const known = this.#rules.get(key);
    if (known) return known;
    const { rules, problems } = loadRules(files);
    if (problems.length > 0) throw new ConfigError(problems);
    this.#rules.set(key, rules);
    return rules;
  }

  /** The pipeline of the case or of a folder above it, where that reads the data type; else the built-in one. */
  #pipelinesOf({ folder, pipeline }: DetectionCase): PipelinesFor {
    const file = pipeline === undefined ? pipelineAbove(folder) : fileAbove(folder, pipeline);
    return (dataType) => {
      if (file !== undefined) {
        const set = this.#pipeline(file, [file]);
        if (set.dataTypes.includes(dataType)) return set;
      }
      const owner = (plugins as readonly AnyPlugin[]).find(({ parse }) =>
        parse?.dataTypes.includes(dataType),
      );
      if (owner?.parse) return this.#pipeline(owner.id, owner.parse.pipelines);
      throw new Error(
        `No pipeline reads the data type "${dataType}": put a pipeline.yaml here or above, or name a built-in one.`,
      );
    };
  }

  #pipeline(key: string, files: readonly (string | URL)[]): PipelineSet {
    const known = this.#pipelines.get(key);
    if (known) return known;
    const set = loadPipelines(files, { parsers: builtin.parsers });
    this.#pipelines.set(key, set);
    return set;
  }
}

const nothing = {
  passed: false,
  rules: [],
  events: 0,
  alerts: 0,
  failures: [],
  lines: { loud: [], quiet: [] },
};
const unwritten = "expected.json is missing or empty. Write it with --update, then read it.";
const unproved = "The rules raised nothing, so nothing is proved.";

/** A file that a case names, from the folder of its case or from the nearest folder above that has it. */
function fileAbove(folder: string, path: string): string {
  for (let above = resolve(folder); ; above = dirname(above)) {
    const file = join(above, path);
    if (existsSync(file)) return file;
    if (dirname(above) === above)
      throw new Error(`The file "${path}" is neither here nor in a folder above.`);
  }
}
