import { assetName, ConfigError, type Problem, parseSources, type Source } from "@vedette/core/config";
import { yamlFiles } from "@vedette/core/pipeline";
import { inSlices } from "../bounded/index.ts";
import type { RuleOptions } from "./compile-rule.ts";
import { withCorrelations } from "./correlations.ts";
import { Insights } from "./insights/index.ts";
import { Report, type YamlPath } from "./report.ts";
import type { Rule } from "./rule.ts";
import { type RuleFileRead, RuleFiles, understood } from "./rule-files.ts";
import { SigmaDocuments } from "./sigma/index.ts";

/** Rules that can run, and what is wrong or doubtful, with places. A mistake costs only the rule that holds it. */
export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Mistakes; a program that starts with these should refuse. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Rules that are switched off in their file. */
  readonly disabled: number;
}

/** Is told of each file that was read, and how far reading is. */
type FileListener = (file: string, done: number, total: number) => void;

/** Reads rules from YAML files and, recursively, from folders. Never throws for what the files hold. */
export function loadRules(
  paths: readonly (string | URL)[],
  options: RuleOptions = {},
  onFile?: FileListener,
): LoadedRules {
  const loader = new Loader(options);
  const steps = loader.steps(paths, onFile);
  while (!steps.next().done);
  return loader.result();
}

/** How long reading goes on before others have their turn, in milliseconds. */
const sliceMs = 10;

/** What a reading gave, and what it cost. */
export interface ReadRules extends LoadedRules {
  readonly files: number;
  /** Files that were not known from the reading before. */
  readonly compiled: number;
}

/**
 * Reads rules again and again: files that did not change are remembered. In slices, so that a program that reads
 * thousands of rules goes on with its work. One reading at a time.
 */
export class RuleReader {
  readonly #options: RuleOptions;
  readonly #files: RuleFiles;

  constructor(options: RuleOptions = {}) {
    this.#options = options;
    this.#files = new RuleFiles(options);
  }

  /** Reads rules from YAML files and, recursively, from folders. Never rejects for what the files hold. */
  async read(paths: readonly (string | URL)[]): Promise<ReadRules> {
    const loader = new Loader(this.#options, this.#files);
    await inSlices(loader.steps(paths), sliceMs);
    const counts = this.#files.endRound();
    return { ...loader.result(), ...counts };
  }
}

/** Reads the rules of one YAML text; `file` is what messages call it. */
export function parseRules(text: string, file = "rules.yaml", options: RuleOptions = {}): LoadedRules {
  const loader = new Loader(options);
  loader.add(understood(() => parseSources(text, file), options));
  const steps = loader.compile();
  while (!steps.next().done);
  return loader.result();
}

class Loader {
  readonly #files: RuleFiles;
  readonly #report = new Report();
  readonly #rules = new Map<string, Rule>();
  readonly #sigma: SigmaDocuments;
  readonly #insights: Insights;
  #disabled = 0;

  constructor(options: RuleOptions, files = new RuleFiles(options)) {
    this.#files = files;
    this.#sigma = new SigmaDocuments(options, this.#report);
    this.#insights = new Insights(this.#report);
  }

  /** Reads files and compiles their rules, a step after the other. */
  *steps(paths: readonly (string | URL)[], onFile?: FileListener): Generator<void> {
    let files: readonly (string | URL)[] = [];
    this.#attempt(() => {
      files = yamlFiles(paths);
    });
    for (const [at, file] of files.entries()) {
      this.#attempt(() => this.add(this.#files.read(file)));
      onFile?.(assetName(file), at + 1, files.length);
      yield;
    }
    yield* this.compile();
  }

  /** Compiles what is known to be right only when all was read. */
  *compile(): Generator<void> {
    for (const { source, rule, off } of this.#sigma.finish()) {
      this.#keep(source, [], rule, off, "id");
      yield;
    }
  }

  result(): LoadedRules {
    for (const rule of this.#insights.all) this.#keepInsight(rule);
    const rules = withCorrelations([...this.#rules.values()], this.#sigma.correlations, this.#report);
    const { problems, warnings } = this.#report;
    return { rules, problems, warnings, disabled: this.#disabled };
  }

  /** Turns an unreadable file into its problem, so that the other files are still read. */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#report.problems.push(...error.problems);
    }
  }

  add({ parts, problems, warnings }: RuleFileRead): void {
    this.#report.problems.push(...problems);
    this.#report.warnings.push(...warnings);
    for (const part of parts) {
      if (part.kind === "insights") this.#insights.take(part.source);
      else if (part.kind === "rule") this.#keep(part.source, part.path, part.rule, part.off, part.key);
      else this.#sigma.take(part);
    }
  }

  #keepInsight(rule: Rule): void {
    const twin = this.#rules.get(rule.id);
    if (!twin) this.#rules.set(rule.id, rule);
    else {
      const message = `Two rules have the id "${rule.id}"; the other is at ${twin.place.file}:${twin.place.line}.`;
      this.#report.problems.push({ ...rule.place, column: 1, path: "rules", message });
    }
  }

  #keep(source: Source, path: YamlPath, rule: Rule, off: boolean, key: "id" | "name"): void {
    const twin = this.#rules.get(rule.id);
    if (twin) {
      const message = `Two rules have the ${key === "id" ? "" : "derived "}id "${rule.id}"; the other is at ${twin.place.file}:${twin.place.line}.`;
      this.#report.fault(source, [...path, key], message, "Give each rule an id of its own.");
    } else if (off) this.#disabled++;
    else this.#rules.set(rule.id, rule);
  }
}
