import { checkConfig, readSource, type Source } from "@vedette/core/config";
import type { Report } from "../report.ts";
import type { Rule } from "../rule.ts";
import { compileSigmaRule } from "./compile.ts";
import { type CompiledFilter, compileSigmaFilter } from "./filter.ts";
import { kindOf } from "./kinds.ts";
import { Mappings, PlainMappings } from "./mapping.ts";
import { type MappingFile, mappingFile } from "./mapping-schema.ts";
import { type SigmaFilter, type SigmaRule, sigmaFilter, sigmaRule } from "./schema.ts";

export interface SigmaOptions {
  /** `off` lets every Sigma rule look at every event. */
  readonly logsource?: "on" | "off";
  /** `plain` reads each field under its own name in `log.`, for events that no pipeline of ours made. */
  readonly sigmaFields?: "mapped" | "plain";
}

interface Read<T> {
  readonly source: Source;
  readonly file: T;
}

const builtin = new URL("mapping.yaml", import.meta.url);
let ours: MappingFile | undefined;

function builtinMapping(): MappingFile {
  if (!ours) {
    const checked = checkConfig(mappingFile, readSource(builtin));
    if (!checked.ok) throw new Error(`The built-in mapping is wrong: ${JSON.stringify(checked.problems)}`);
    ours = checked.value;
  }
  return ours;
}

/** Collects the Sigma documents of a load; what they mean together is known when all are read. */
export class SigmaDocuments {
  readonly correlations: Source[] = [];
  readonly #options: SigmaOptions;
  readonly #report: Report;
  readonly #mappings: MappingFile[] = [];
  readonly #filters: Read<SigmaFilter>[] = [];
  readonly #rules: Read<SigmaRule>[] = [];

  constructor(options: SigmaOptions, report: Report) {
    this.#options = options;
    this.#report = report;
  }

  /** Takes a document where it is one of Sigma's. */
  take(source: Source): boolean {
    switch (kindOf(source.value)) {
      case "sigma":
        this.#check(sigmaRule, source, (file) => this.#rules.push({ source, file }));
        return true;
      case "sigma-filter":
        this.#check(sigmaFilter, source, (file) => this.#filters.push({ source, file }));
        return true;
      case "sigma-mapping":
        this.#check(mappingFile, source, (file) => this.#mappings.push(file));
        return true;
      case "sigma-correlation":
        this.correlations.push(source);
        return true;
      default:
        return false;
    }
  }

  #check<T>(schema: Parameters<typeof checkConfig<T>>[0], source: Source, use: (file: T) => void): void {
    const checked = checkConfig(schema, source);
    if (checked.ok) use(checked.value);
    else this.#report.problems.push(...checked.problems);
  }

  /** Compiles the rules. */
  *finish(): Generator<{ readonly source: Source; readonly rule: Rule; readonly off: boolean }> {
    if (this.#rules.length === 0) return;
    const report = this.#report;
    const files = [...this.#mappings, builtinMapping()];
    const mappings = this.#options.sigmaFields === "plain" ? new PlainMappings(files) : new Mappings(files);
    const filters = this.#filters
      .map(({ source, file }) => compileSigmaFilter(source, file, mappings, report))
      .filter((filter): filter is CompiledFilter => filter !== undefined);
    const context = { mappings, filters, routed: this.#options.logsource !== "off", report };
    for (const { source, file } of this.#rules) {
      const rule = compileSigmaRule(source, file, context);
      if (rule) yield { source, rule, off: file.vedette.disabled };
    }
  }
}
