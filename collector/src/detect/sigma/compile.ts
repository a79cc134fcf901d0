import { locate, type Source } from "@vedette/core/config";
import { tacticOf, techniquesOf } from "../../correlate/index.ts";
import { alertPathFault } from "../alert-paths.ts";
import { derivedId } from "../derived-id.ts";
import { digestOf } from "../digest.ts";
import type { Report } from "../report.ts";
import type { Rule } from "../rule.ts";
import { compileDetection } from "./detection.ts";
import { SigmaFault } from "./fault.ts";
import { appliesTo, type CompiledFilter } from "./filter.ts";
import type { Fields } from "./item.ts";
import type { Mappings } from "./mapping.ts";
import { and, type Node } from "./node.ts";
import { SigmaCondition } from "./rule-condition.ts";
import { type Logsource, type SigmaRule, severityOfLevel } from "./schema.ts";
import { attempt, detectionOf } from "./section.ts";

/** What Sigma rules of one load have in common. */
export interface SigmaContext {
  readonly mappings: Mappings;
  readonly filters: readonly CompiledFilter[];
  /** Whether rules look only at events of their log source. */
  readonly routed: boolean;
  /** Of the mappings and of what else all rules have in common. */
  readonly digest: string;
  readonly report: Report;
}

/** Makes a checked Sigma rule ready to run; undefined after a fault, which is in the report. */
export function compileSigmaRule(source: Source, file: SigmaRule, context: SigmaContext): Rule | undefined {
  const { report } = context;
  const before = report.problems.length;
  checkPaths(source, file, report);
  const fields = context.mappings.fields(file.logsource);
  const node = attempt(source, report, () => detectionOf(file.detection, ["detection"], fields));
  const route = attempt(source, report, () => routeOf(source, file, fields, context));
  if (!node || !route || report.problems.length > before) return undefined;
  const id = file.id ?? derivedId(file.title);
  const names = [id, ...(file.name === undefined ? [] : [file.name])];
  const filters = context.filters.filter((filter) => appliesTo(filter, file.logsource, names));
  const parts = [...route.add, node, ...filters.map((filter) => filter.node)];
  const { adversary, deduplicateBy, groupBy } = file.vedette;
  return {
    language: "sigma",
    id,
    names: [...new Set(names)],
    name: file.title,
    description: attributed(file),
    category: categoryOf(file),
    technique: techniquesOf(file.tags),
    references: file.references,
    tags: file.tags,
    falsePositives: file.falsepositives,
    adversary,
    impact: { confidentiality: 0, integrity: 0, availability: 0 },
    severity: severityOfLevel(file.level),
    deduplicateBy,
    groupBy,
    dataTypes: route.dataTypes,
    where: new SigmaCondition(and(parts)),
    pathsOf: fields.paths,
    afterEvents: [],
    digest: digestOf(
      file,
      context.digest,
      filters.map((filter) => filter.source.value),
    ),
    place: { file: source.file, line: locate(source, []).line },
  };
}

/** The description with who wrote the rule: what is made of a rule under the Detection Rule License has to name them. */
function attributed({ description, author }: SigmaRule): string {
  const authors = [author ?? []].flat().join(", ").trim();
  return authors === "" ? description : `${description.trimEnd()}\n\nRule by ${authors}.`.trimStart();
}

/** A log source as people name it. */
export const sourceText = ({ product, category, service }: Logsource): string =>
  [product && `product ${product}`, category && `category ${category}`, service && `service ${service}`]
    .filter(Boolean)
    .join(", ");

function routeOf(
  source: Source,
  { logsource, vedette }: SigmaRule,
  fields: Fields,
  { mappings, routed, report }: SigmaContext,
): { readonly dataTypes: readonly string[]; readonly add: readonly Node[] } {
  if (!routed) return { dataTypes: ["*"], add: [] };
  const { product, category, service } = logsource;
  const named = [service, category, product].filter((each) => each !== undefined);
  if (named.length === 0)
    throw new SigmaFault(["logsource"], "A log source needs a product, a category or a service.");
  const route = mappings.route(logsource);
  if (vedette.dataTypes === undefined && route === undefined) {
    report.doubt(
      source,
      ["logsource"],
      `No mapping says which events come from ${sourceText(logsource)}; the rule looks at data types named ${named.join(", ")}.`,
      'Name them under "logsources" of a mapping file, or under "vedette: {dataTypes: [...]}" of the rule.',
    );
  }
  const more = route?.add;
  return {
    dataTypes: [...new Set(vedette.dataTypes ?? route?.dataTypes ?? named)],
    add: more === undefined ? [] : [and([compileDetection(more, fields, ["logsource"])], "log source")],
  };
}

function checkPaths(source: Source, { vedette }: SigmaRule, report: Report): void {
  for (const list of ["deduplicateBy", "groupBy"] as const) {
    for (const [index, path] of vedette[list].entries()) {
      const fault = alertPathFault(path);
      if (fault) report.fault(source, ["vedette", list, index], fault.message, fault.suggestion);
    }
  }
  if (vedette.deduplicateBy.length > 0 && vedette.groupBy.length > 0) {
    const why = '"groupBy" and "deduplicateBy" exclude each other; keep one of them.';
    report.fault(source, ["vedette", "groupBy"], why);
  }
}

/** The first tactic of a rule in words, or its log source. */
const categoryOf = ({ tags, logsource }: SigmaRule): string =>
  tacticOf(tags) ?? logsource.category ?? logsource.service ?? logsource.product ?? "";
