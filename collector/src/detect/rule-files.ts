import { hash } from "node:crypto";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  ConfigError,
  checkConfig,
  type Problem,
  readText,
  type Source,
  sourcesOf,
  withoutNulls,
} from "@vedette/core/config";
import { compileRule, type RuleOptions } from "./compile-rule.ts";
import { isInsights } from "./insights/index.ts";
import { Report, type YamlPath } from "./report.ts";
import type { Rule } from "./rule.ts";
import { ruleFile } from "./rule-schema.ts";
import { kindOf, type SigmaPart, sigmaPart } from "./sigma/index.ts";

/** A document of a rule file, or one rule of a list, as far as it can be understood without other files. */
export type RulePart =
  | {
      readonly kind: "rule";
      readonly source: Source;
      readonly path: YamlPath;
      readonly rule: Rule;
      readonly off: boolean;
      /** What its id is made of. */
      readonly key: "id" | "name";
    }
  | { readonly kind: "insights"; readonly source: Source }
  | SigmaPart;

/** What a file holds, and what is wrong or doubtful with it alone. */
export interface RuleFileRead {
  readonly parts: readonly RulePart[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

interface Kept extends RuleFileRead {
  /** Size, times and place of the file; undefined where they do not tell whether it changed. */
  readonly mark: string | undefined;
  readonly digest: string;
}

/** A file may change again within the grain of its clock; marks that young tell nothing. */
const grainMs = 2_000;

/**
 * Reads rule files, and keeps what they hold: a file that did not change since the last round is neither read nor compiled
 * again. Keeps the files of one round only.
 */
export class RuleFiles {
  readonly #options: RuleOptions;
  #kept = new Map<string, Kept>();
  #round = new Map<string, Kept>();
  #read = 0;

  constructor(options: RuleOptions) {
    this.#options = options;
  }

  /** Reads a file, or remembers it. Throws a `ConfigError` where it cannot be read. */
  read(file: string | URL): RuleFileRead {
    const name = file instanceof URL ? file.href : file;
    const known = this.#kept.get(name);
    const mark = markOf(file);
    const kept = known && known.mark === mark && mark !== undefined ? known : this.#look(file, mark, known);
    this.#round.set(name, kept);
    return kept;
  }

  /** Ends a round: forgets files that were not asked for in it. Gives how many of its files were read, and how many compiled. */
  endRound(): { readonly files: number; readonly compiled: number } {
    const counts = { files: this.#round.size, compiled: this.#read };
    this.#kept = this.#round;
    this.#round = new Map();
    this.#read = 0;
    return counts;
  }

  #look(file: string | URL, mark: string | undefined, known: Kept | undefined): Kept {
    const text = readText(file);
    const digest = hash("sha256", text);
    if (known?.digest === digest) return { ...known, mark };
    this.#read++;
    return { ...understood(() => sourcesOf(text, file), this.#options), mark, digest };
  }
}

function markOf(file: string | URL): string | undefined {
  if (file instanceof URL && file.protocol !== "file:") return "carried";
  const stat = statSync(file instanceof URL ? fileURLToPath(file) : file, {
    bigint: true,
    throwIfNoEntry: false,
  });
  if (!stat) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = stat;
  // Wall time on purpose: it is compared with what the file system wrote down.
  if (Date.now() - Number(ctimeNs / 1_000_000n) < grainMs) return undefined;
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

/** What documents hold. A mistake costs only the rule that holds it. */
export function understood(read: () => readonly Source[], options: RuleOptions): RuleFileRead {
  const report = new Report();
  const parts: RulePart[] = [];
  try {
    for (const source of read()) parts.push(...partsOf(source, options, report));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    report.problems.push(...error.problems);
  }
  return { parts, problems: report.problems, warnings: report.warnings };
}

function partsOf(given: Source, options: RuleOptions, report: Report): readonly RulePart[] {
  if (isInsights(given)) return [{ kind: "insights", source: given }];
  const sigma = sigmaPart(given, report);
  if (sigma !== undefined) return sigma === "faulty" ? [] : [sigma];
  const source = withoutNulls(given);
  // A file of comments only reads as an empty map.
  const paths: YamlPath[] = Array.isArray(source.value)
    ? [...source.value.keys()].map((index) => [index])
    : JSON.stringify(given.value) === "{}"
      ? []
      : [[]];
  return paths.flatMap((path) => rulePart(source, path, options, report) ?? []);
}

function rulePart(
  source: Source,
  path: YamlPath,
  options: RuleOptions,
  report: Report,
): RulePart | undefined {
  if (path.length === 0 && kindOf(source.value) === "pipeline") {
    const message = "This is a pipeline file; a rule file holds a rule or a list of them.";
    report.fault(source, ["pipeline"], message);
    return undefined;
  }
  const checked = checkConfig(ruleFile, source, path);
  if (!checked.ok) {
    report.problems.push(...checked.problems);
    return undefined;
  }
  const { value: file } = checked;
  const rule = compileRule(source, path, file, options, report);
  const key = file.id === undefined ? "name" : "id";
  return rule && { kind: "rule", source, path, rule, off: file.disabled, key };
}
