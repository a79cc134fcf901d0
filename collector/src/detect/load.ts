import {
  assetName,
  ConfigError,
  checkConfig,
  type Problem,
  parseSources,
  readSources,
  type Source,
  withoutNulls,
} from "@vedette/core/config";
import { yamlFiles } from "@vedette/core/pipeline";
import { compileRule, type RuleOptions } from "./compile-rule.ts";
import { withCorrelations } from "./correlations.ts";
import { Insights } from "./insights/index.ts";
import { Report, type YamlPath } from "./report.ts";
import type { Rule } from "./rule.ts";
import { ruleFile } from "./rule-schema.ts";
import { kindOf, SigmaDocuments } from "./sigma/index.ts";

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

/** The same in slices, so that a program that reads thousands of rules goes on with its work. */
export async function readRules(
  paths: readonly (string | URL)[],
  options: RuleOptions = {},
): Promise<LoadedRules> {
  const loader = new Loader(options);
  let since = performance.now();
  for (const _ of loader.steps(paths)) {
    if (performance.now() - since < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return loader.result();
}

/** Reads the rules of one YAML text; `file` is what messages call it. */
export function parseRules(text: string, file = "rules.yaml", options: RuleOptions = {}): LoadedRules {
  const loader = new Loader(options);
  loader.attempt(() => loader.addAll(parseSources(text, file)));
  const steps = loader.compile();
  while (!steps.next().done);
  return loader.result();
}

class Loader {
  readonly #options: RuleOptions;
  readonly #report = new Report();
  readonly #rules = new Map<string, Rule>();
  readonly #sigma: SigmaDocuments;
  readonly #insights: Insights;
  #disabled = 0;

  constructor(options: RuleOptions) {
    this.#options = options;
    this.#sigma = new SigmaDocuments(options, this.#report);
    this.#insights = new Insights(this.#report);
  }

  /** Reads files and compiles their rules, a step after the other. */
  *steps(paths: readonly (string | URL)[], onFile?: FileListener): Generator<void> {
    let files: readonly (string | URL)[] = [];
    this.attempt(() => {
      files = yamlFiles(paths);
    });
    for (const [at, file] of files.entries()) {
      this.attempt(() => this.addAll(readSources(file)));
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

  /** Turns an unreadable or malformed file into its problems, so that the other files are still read. */
  attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#report.problems.push(...error.problems);
    }
  }

  addAll(sources: readonly Source[]): void {
    for (const source of sources) this.#add(source);
  }

  #add(given: Source): void {
    if (this.#insights.take(given) || this.#sigma.take(given)) return;
    const source = withoutNulls(given);
    if (!Array.isArray(source.value)) {
      // A file of comments only reads as an empty map.
      if (JSON.stringify(given.value) !== "{}") this.#addRule(source, []);
    } else for (const index of source.value.keys()) this.#addRule(source, [index]);
  }

  #addRule(source: Source, path: YamlPath): void {
    if (path.length === 0 && kindOf(source.value) === "pipeline") {
      const message = "This is a pipeline file; a rule file holds a rule or a list of them.";
      this.#report.fault(source, ["pipeline"], message);
      return;
    }
    const checked = checkConfig(ruleFile, source, path);
    if (!checked.ok) {
      this.#report.problems.push(...checked.problems);
      return;
    }
    const rule = compileRule(source, path, checked.value, this.#options, this.#report);
    if (rule)
      this.#keep(source, path, rule, checked.value.disabled, checked.value.id === undefined ? "name" : "id");
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
