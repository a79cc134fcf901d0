import {
  ConfigError,
  checkConfig,
  type Problem,
  parseSource,
  readSource,
  type Source,
  withoutNulls,
} from "@vedette/core/config";
import { yamlFiles } from "@vedette/core/pipeline";
import { compileRule, type RuleOptions } from "./compile-rule.ts";
import { Report, type YamlPath } from "./report.ts";
import type { Rule } from "./rule.ts";
import { ruleFile } from "./rule-schema.ts";

/** Rules that can run, and what is wrong or doubtful, with places. A mistake costs only the rule that holds it. */
export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Mistakes; a program that starts with these should refuse. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Rules that are switched off in their file. */
  readonly disabled: number;
}

/** Reads rules from YAML files and, recursively, from folders. Never throws for what the files hold. */
export function loadRules(paths: readonly (string | URL)[], options: RuleOptions = {}): LoadedRules {
  const loader = new Loader(options);
  loader.attempt(() => {
    for (const file of yamlFiles(paths)) loader.attempt(() => loader.add(readSource(file)));
  });
  return loader.finish();
}

/** Reads the rules of one YAML text; `file` is what messages call it. */
export function parseRules(text: string, file = "rules.yaml", options: RuleOptions = {}): LoadedRules {
  const loader = new Loader(options);
  loader.attempt(() => loader.add(parseSource(text, file)));
  return loader.finish();
}

class Loader {
  readonly #options: RuleOptions;
  readonly #report = new Report();
  readonly #rules = new Map<string, Rule>();
  #disabled = 0;

  constructor(options: RuleOptions) {
    this.#options = options;
  }

  finish(): LoadedRules {
    const { problems, warnings } = this.#report;
    return { rules: [...this.#rules.values()], problems, warnings, disabled: this.#disabled };
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

  add(given: Source): void {
    const source = withoutNulls(given);
    if (!Array.isArray(source.value)) {
      // A file of comments only reads as an empty map.
      if (JSON.stringify(given.value) !== "{}") this.#addRule(source, []);
    } else for (const index of source.value.keys()) this.#addRule(source, [index]);
  }

  #addRule(source: Source, path: YamlPath): void {
    if (path.length === 0 && Object.hasOwn(source.value as object, "pipeline")) {
      this.#report.fault(
        source,
        ["pipeline"],
        "This is a pipeline file; a rule file holds a rule or a list of them.",
      );
      return;
    }
    const checked = checkConfig(ruleFile, source, path);
    if (!checked.ok) {
      this.#report.problems.push(...checked.problems);
      return;
    }
    const rule = compileRule(source, path, checked.value, this.#options, this.#report);
    if (!rule) return;
    const twin = this.#rules.get(rule.id);
    if (twin) {
      const key = checked.value.id === undefined ? "name" : "id";
      const message = `Two rules have the ${key === "id" ? "" : "derived "}id "${rule.id}"; the other is at ${twin.place.file}:${twin.place.line}.`;
      this.#report.fault(source, [...path, key], message, "Give each rule an id of its own.");
    } else if (checked.value.disabled) this.#disabled++;
    else this.#rules.set(rule.id, rule);
  }
}
