import type { ParseStep } from "@vedette/sdk";
import { locate, type Problem, pathText, type Source } from "../config/index.ts";
import { CelError, type CelProgram, compileCel, ObjectDoc } from "./cel/index.ts";
import type { Draft } from "./draft.ts";
import { locateText } from "./locate-text.ts";
import type { Patterns } from "./patterns/index.ts";
import type { CompiledStep } from "./plan.ts";
import { runStep } from "./run-step.ts";
import {
  compileStep,
  kindOfStep,
  MAX_NESTING,
  type NestedStep,
  type Step,
  type StepContext,
  StepError,
  type StepList,
} from "./steps/index.ts";
import { runWatched } from "./watch.ts";

type Path = readonly PropertyKey[];

/** What the steps of one file are compiled with. */
interface FileContext {
  readonly source: Source;
  readonly patterns: Patterns;
  /** Whether conditions are strict. */
  readonly strict: boolean;
  /** Nothing in the file can be wrong: what a step needs to run is made when it first runs. */
  readonly sound: boolean;
  readonly callsPlugins: boolean;
  readonly parsers: ReadonlyMap<string, ParseStep>;
  /** Takes what is wrong. */
  readonly problems: Problem[];
}

/** Compiles the steps of one file, those inside steps too, and collects their mistakes with their places. */
export class StepLoader {
  readonly #file: FileContext;
  constructor(file: FileContext) {
    this.#file = file;
  }

  /** Compiles one step; `number` is how errors name it, such as `2` or `2.1`. Undefined when it is wrong. */
  step(path: Path, step: Step, number: string, depth = 0): CompiledStep | undefined {
    const { source } = this.#file;
    const kind = kindOfStep(step);
    const options = step[kind] as { readonly where?: string };
    const where = this.#where([...path, kind, "where"], options.where);
    const nested: CompiledStep[] = [];
    const conditions: (CelProgram | undefined)[] = [];
    try {
      return {
        kind,
        // Asked for by reports only, and finding it may take the parsing of the file.
        get place() {
          return `${source.file}:${locate(source, path).line}`;
        },
        label: `Step ${number} (${kind})`,
        where,
        waits: step.dynamic !== undefined && !this.#file.parsers.has(step.dynamic.plugin),
        run: compileStep(step, this.#context([...path, kind], number, depth, nested, conditions)),
        step,
        nested,
        conditions,
        counters: {
          runs: 0,
          skipped: 0,
          missed: 0,
          errors: 0,
          drops: 0,
          slow: 0,
          leftOut: 0,
          nanoseconds: 0,
        },
      };
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      this.#problem([...path, kind, ...error.path], error.message, error.suggestion);
      return undefined;
    }
  }

  #problem(path: Path, message: string, suggestion?: string, place = locate(this.#file.source, path)): void {
    const problem: Problem = { file: this.#file.source.file, ...place, path: pathText(path), message };
    this.#file.problems.push(suggestion === undefined ? problem : { ...problem, suggestion });
  }

  #warn(path: Path, message: string, place = locate(this.#file.source, path)): void {
    const { source, problems } = this.#file;
    problems.push({ file: source.file, ...place, path: pathText(path), message, severity: "warning" });
  }

  #where(path: Path, where: string | undefined): CelProgram | undefined {
    if (where === undefined) return undefined;
    const { source, patterns, strict } = this.#file;
    try {
      const program = compileCel(where, { patterns, strict });
      for (const { message, ...place } of program.warnings)
        this.#warn(path, message, locateText(source, path, place));
      return program;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      this.#problem(path, error.message, error.suggestion, locateText(source, path, error));
      return undefined;
    }
  }

  #context(
    path: Path,
    number: string,
    depth: number,
    nested: CompiledStep[],
    conditions: (CelProgram | undefined)[],
  ): StepContext {
    const { source, patterns, sound, callsPlugins, parsers } = this.#file;
    return {
      patterns,
      file: source.file,
      depth,
      sound,
      callsPlugins,
      parsers,
      steps: (steps, at) => {
        const list = this.#steps([...path, ...at], steps, number, depth + 1, nested.length);
        nested.push(...list);
        return listOf(list);
      },
      condition: (where, at) => {
        const program = this.#where([...path, ...at], where);
        conditions.push(program);
        return conditionOf(program);
      },
      warn: (message, at) => this.#warn([...path, ...at], message),
    };
  }

  #steps(
    path: Path,
    steps: readonly NestedStep[],
    number: string,
    depth: number,
    before: number,
  ): CompiledStep[] {
    if (depth > MAX_NESTING) {
      this.#problem(path, `Steps are nested deeper than ${MAX_NESTING} levels.`);
      return [];
    }
    const compiled = steps.map((step, index) =>
      this.step([...path, index], step as Step, `${number}.${before + index + 1}`, depth),
    );
    return compiled.filter((step) => step !== undefined);
  }
}

function listOf(steps: readonly CompiledStep[]): StepList {
  const doc = new ObjectDoc({});
  return {
    run: (draft: Draft) => {
      doc.root = draft.root;
      const run = draft.long ? runWatched : runStep;
      for (let index = 0; index < steps.length && !draft.dropped; index++) run(steps[index]!, draft, doc);
    },
  };
}

function conditionOf(program: CelProgram | undefined): (draft: Draft) => boolean {
  if (program === undefined) return () => true;
  const doc = new ObjectDoc({});
  return (draft) => {
    doc.root = draft.root;
    return program.test(doc);
  };
}
