import { checkConfig, readSource, type Source } from "@vedette/core/config";
import { digestOf } from "../digest.ts";
import { Report } from "../report.ts";
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

/** A Sigma document that was checked by itself. What was made of a rule is kept with it. */
export type SigmaPart =
  | { readonly kind: "sigma"; readonly source: Source; readonly file: SigmaRule; made?: Made }
  | { readonly kind: "sigma-filter"; readonly source: Source; readonly file: SigmaFilter }
  | { readonly kind: "sigma-mapping"; readonly source: Source; readonly file: MappingFile }
  | { readonly kind: "sigma-correlation"; readonly source: Source };

/** What became of a rule with the mappings, filters and options of a load. */
interface Made extends Pick<Report, "problems" | "warnings"> {
  readonly context: string;
  readonly rule: Rule | undefined;
}

/** Checks a document where it is one of Sigma's; undefined where it is not. What is wrong with it goes into the report. */
export function sigmaPart(source: Source, report: Report): SigmaPart | "faulty" | undefined {
  const checked = <T>(schema: Parameters<typeof checkConfig<T>>[0]): T | undefined => {
    const result = checkConfig(schema, source);
    if (result.ok) return result.value;
    report.problems.push(...result.problems);
    return undefined;
  };
  const kind = kindOf(source.value);
  switch (kind) {
    case "sigma": {
      const file = checked(sigmaRule);
      return file ? { kind, source, file } : "faulty";
    }
    case "sigma-filter": {
      const file = checked(sigmaFilter);
      return file ? { kind, source, file } : "faulty";
    }
    case "sigma-mapping": {
      const file = checked(mappingFile);
      return file ? { kind, source, file } : "faulty";
    }
    case "sigma-correlation":
      return { kind, source };
    default:
      return undefined;
  }
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
  readonly #filters: Extract<SigmaPart, { kind: "sigma-filter" }>[] = [];
  readonly #rules: Extract<SigmaPart, { kind: "sigma" }>[] = [];

  constructor(options: SigmaOptions, report: Report) {
    this.#options = options;
    this.#report = report;
  }

  take(part: SigmaPart): void {
    if (part.kind === "sigma") this.#rules.push(part);
    else if (part.kind === "sigma-filter") this.#filters.push(part);
    else if (part.kind === "sigma-mapping") this.#mappings.push(part.file);
    else this.correlations.push(part.source);
  }

  /** Compiles the rules; those that were made with the same mappings and filters before are taken as they are. */
  *finish(): Generator<{ readonly source: Source; readonly rule: Rule; readonly off: boolean }> {
    if (this.#rules.length === 0) return;
    const files = [...this.#mappings, builtinMapping()];
    const mappings = this.#options.sigmaFields === "plain" ? new PlainMappings(files) : new Mappings(files);
    const filters = this.#filters
      .map(({ source, file }) => compileSigmaFilter(source, file, mappings, this.#report))
      .filter((filter): filter is CompiledFilter => filter !== undefined);
    const { logsource, sigmaFields } = this.#options;
    const digest = digestOf(logsource, sigmaFields, this.#mappings);
    const context = digestOf(
      digest,
      this.#filters.map(({ file }) => file),
    );
    const shared = { mappings, filters, routed: logsource !== "off", digest };
    for (const part of this.#rules) {
      const { source, file } = part;
      if (part.made?.context !== context) {
        const report = new Report();
        const rule = compileSigmaRule(source, file, { ...shared, report });
        part.made = { problems: report.problems, warnings: report.warnings, context, rule };
      }
      const { rule, problems, warnings } = part.made;
      this.#report.problems.push(...problems);
      this.#report.warnings.push(...warnings);
      if (rule) yield { source, rule, off: file.vedette.disabled };
    }
  }
}
