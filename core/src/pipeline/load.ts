import type { ParseStep } from "@vedette/sdk";
import { messageOf } from "@vedette/sdk";
import {
  type Checked,
  ConfigError,
  checkConfig,
  locate,
  type Problem,
  pathText,
  readSource,
  type Source,
  withoutNulls,
  writtenAs,
} from "../config/index.ts";
import { yamlFiles } from "./files.ts";
import { StepLoader } from "./load-step.ts";
import {
  defaultPatterns,
  PatternError,
  type Patterns,
  prefixRegex,
  trustPatterns,
} from "./patterns/index.ts";
import type { CompiledStep } from "./plan.ts";
import { PipelineSet } from "./runner.ts";
import { type PipelineFile, pipelineFile } from "./schema.ts";

interface CheckedFile {
  readonly source: Source;
  readonly value: PipelineFile;
}

/** Checks a file without compiling anything. What the build checked is taken as it is. */
export function checkPipelineFile(given: Source): Checked<PipelineFile> {
  if (given.checked !== undefined) return { ok: true, value: given.checked as PipelineFile };
  const source = withoutNulls(given, free);
  const misplaced = misplacedRule(source);
  return misplaced ? { ok: false, problems: [misplaced] } : checkConfig<PipelineFile>(pipelineFile, source);
}

/** Sections whose content is the author's own. */
const free: ReadonlySet<string> = new Set(["plugins", "params", "table", "default", "fields", "set"]);

/** Rule files are easily given as pipeline files; one sentence says it better than a list of unknown keys. */
function misplacedRule(source: Source): Problem | undefined {
  const first: unknown = Array.isArray(source.value) ? source.value[0] : source.value;
  const isRule = typeof first === "object" && first !== null && "where" in first && "dataTypes" in first;
  if (!isRule) return undefined;
  const message = 'This is a rule file; a pipeline file holds "pipeline", "patterns" and the like.';
  return { file: source.file, line: 1, column: 1, path: "", message, suggestion: "Give it with --rules." };
}

/** Identities as text; 64-bit numbers with every digit that the file has. */
const ruleIds = (source: Source, path: readonly PropertyKey[], ids: readonly (string | number)[]): string[] =>
  ids.map((id, index) => {
    if (typeof id === "string" || Number.isSafeInteger(id)) return String(id);
    return writtenAs(source, [...path, index]) ?? String(id);
  });

/** What pipelines are loaded with. */
export interface LoadOptions {
  /** True where parsing plugins are called for `dynamic` steps; elsewhere their author is warned. */
  readonly callsPlugins?: boolean;
  /** Steps in code that plugins bring, by name. */
  readonly parsers?: ReadonlyMap<string, ParseStep>;
}

/** Collects every mistake of all files, so that an author sees them at once. */
class Loader {
  readonly problems: Problem[] = [];
  readonly #files: CheckedFile[] = [];

  readonly #options: LoadOptions;
  /** Nothing can be wrong: all files come with the program, whose tests loaded them. */
  readonly #sound: boolean;

  constructor(sources: readonly Source[], options: LoadOptions) {
    this.#options = options;
    for (const source of sources) {
      const checked = checkPipelineFile(source);
      if (checked.ok) this.#files.push({ source, value: checked.value });
      else this.problems.push(...checked.problems);
    }
    this.#sound = sources.every(({ checked }) => checked !== undefined);
  }

  load(): PipelineSet {
    const patterns = this.#patterns();
    const steps = new Map<string, CompiledStep[]>();
    for (const { source, value } of this.#files) {
      const loader = new StepLoader({
        source,
        patterns,
        strict: value.strict,
        sound: this.#sound,
        callsPlugins: this.#options.callsPlugins ?? false,
        parsers: this.#options.parsers ?? new Map(),
        problems: this.problems,
      });
      for (const [index, stage] of value.pipeline.entries()) {
        const compiled = stage.steps.map((step, number) =>
          loader.step(["pipeline", index, "steps", number], step, String(number + 1)),
        );
        for (const dataType of new Set(stage.dataTypes)) {
          const known = steps.get(dataType) ?? [];
          known.push(...compiled.filter((step) => step !== undefined));
          steps.set(dataType, known);
        }
      }
    }
    if (this.problems.some((problem) => problem.severity !== "warning")) throw new ConfigError(this.problems);
    return new PipelineSet({
      steps,
      patterns,
      tenants: this.#files.flatMap(({ source, value }) =>
        value.tenants.map((tenant, index) => ({
          ...tenant,
          disabledRules: ruleIds(source, ["tenants", index, "disabledRules"], tenant.disabledRules),
        })),
      ),
      disabledRules: this.#files.flatMap(({ source, value }) =>
        ruleIds(source, ["disabledRules"], value.disabledRules),
      ),
      plugins: Object.assign({}, ...this.#files.map((file) => file.value.plugins)) as Record<string, unknown>,
      warnings: this.problems,
    });
  }

  #patterns(): Patterns {
    const merged: Patterns = Object.assign(
      {},
      defaultPatterns,
      ...this.#files.map((file) => file.value.patterns),
    );
    if (this.#sound) {
      trustPatterns(merged);
      return merged;
    }
    for (const { source, value } of this.#files) {
      for (const [name, pattern] of Object.entries(value.patterns)) {
        try {
          prefixRegex(pattern, merged);
        } catch (error) {
          const suggestion = error instanceof PatternError ? error.suggestion : undefined;
          this.#problem(source, ["patterns", name], messageOf(error), suggestion);
        }
      }
    }
    return merged;
  }

  #problem(
    source: Source,
    path: readonly PropertyKey[],
    message: string,
    suggestion?: string,
    place = locate(source, path),
  ): void {
    const problem: Problem = { file: source.file, ...place, path: pathText(path), message };
    this.problems.push(suggestion === undefined ? problem : { ...problem, suggestion });
  }
}

/** Compiles parsed pipeline files, in this order. Throws ConfigError with all problems of all files. */
export const compilePipelines = (sources: readonly Source[], options: LoadOptions = {}): PipelineSet =>
  new Loader(sources, options).load();

/** Reads and compiles pipeline files and folders. Throws ConfigError. */
export function loadPipelines(paths: readonly (string | URL)[], options: LoadOptions = {}): PipelineSet {
  const problems: Problem[] = [];
  const sources: Source[] = [];
  for (const file of yamlFiles(paths)) {
    try {
      sources.push(readSource(file));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return compilePipelines(sources, options);
}
