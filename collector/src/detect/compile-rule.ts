import { locate, type Source, writtenAs } from "@vedette/core/config";
import { CelError, compileCel, type ListTests, locateText } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import {
  compileSearch,
  nowMinus,
  placeholderOf,
  type Search,
  type SearchRequest,
} from "../correlate/index.ts";
import { alertPathFault, eventPathHint } from "./alert-paths.ts";
import { CelCondition } from "./cel-condition.ts";
import type { Condition } from "./condition.ts";
import { derivedId } from "./derived-id.ts";
import { digestOf } from "./digest.ts";
import type { Report, YamlPath } from "./report.ts";
import type { Rule } from "./rule.ts";
import type { RuleFile } from "./rule-schema.ts";
import type { SigmaOptions } from "./sigma/index.ts";

export interface RuleOptions extends SigmaOptions {
  /** Named patterns for `{{.name}}` in regular expressions; the built-in ones when left out. */
  readonly patterns?: Readonly<Record<string, string>>;
  /** Lists for `onList()`; without them it is never true. */
  readonly lists?: ListTests;
}

/** A 64-bit number keeps every digit it has in the file. */
function idOf(source: Source, path: YamlPath, { id, name }: RuleFile): string {
  if (id === undefined) return derivedId(name);
  if (typeof id === "string" || Number.isSafeInteger(id)) return String(id);
  return writtenAs(source, [...path, "id"]) ?? String(id);
}

/** Makes a checked rule ready to run; undefined after a fault, which is in the report. */
export function compileRule(
  source: Source,
  path: YamlPath,
  file: RuleFile,
  options: RuleOptions,
  report: Report,
): Rule | undefined {
  const before = report.problems.length;
  if (file.afterEvents && file.correlation) {
    report.fault(
      source,
      [...path, "correlation"],
      '"correlation" is another name of "afterEvents"; keep one of them.',
    );
  }
  if (file.groupBy.length > 0 && file.deduplicateBy.length > 0) {
    report.fault(
      source,
      [...path, "groupBy"],
      '"groupBy" and "deduplicateBy" exclude each other; keep one of them.',
    );
  }
  const where = compileWhere(source, [...path, "where"], file.where, options, report);
  const key = file.correlation && !file.afterEvents ? "correlation" : "afterEvents";
  const afterEvents = (file[key] ?? []).map((request, index) =>
    compileHistory(source, [...path, key, index], request, file.dataTypes, report),
  );
  for (const list of ["deduplicateBy", "groupBy"] as const) {
    for (const [index, alertPath] of file[list].entries()) {
      const fault = alertPathFault(alertPath);
      if (fault) report.fault(source, [...path, list, index], fault.message, fault.suggestion);
    }
  }
  if (!where || report.problems.length > before) return undefined;
  const id = idOf(source, path, file);
  return {
    language: "eventprocessor",
    id,
    names: [...new Set([id, derivedId(file.name)])],
    name: file.name,
    description: file.description,
    category: file.category,
    technique: file.technique,
    references: file.references,
    tags: file.tags,
    falsePositives: file.falsePositives,
    adversary: file.adversary,
    impact: file.impact,
    severity: file.severity,
    deduplicateBy: file.deduplicateBy,
    groupBy: file.groupBy,
    dataTypes: [...new Set(file.dataTypes)],
    where,
    afterEvents: afterEvents.filter((search) => search !== undefined),
    digest: digestOf(file),
    place: { file: source.file, line: locate(source, path).line },
  };
}

function compileWhere(
  source: Source,
  path: YamlPath,
  text: string,
  { patterns, lists }: RuleOptions,
  report: Report,
): Condition | undefined {
  try {
    const own = { ...(patterns && { patterns }), ...(lists && { lists }) };
    const program = compileCel(text, own);
    for (const { message, line, column } of program.warnings) {
      report.doubt(source, path, message, undefined, locateText(source, path, { line, column }));
    }
    for (const each of program.paths) {
      const hint = eventPathHint(each);
      if (hint) report.doubt(source, path, `Events have no "${each}", so it is always absent.`, hint);
    }
    return new CelCondition(program, own);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const { message, suggestion } = error;
    report.fault(source, path, message, suggestion && sentence(suggestion), locateText(source, path, error));
    return undefined;
  }
}

const sentence = (suggestion: string): string =>
  /[.?!]$/.test(suggestion) ? suggestion : `Did you mean ${suggestion}?`;

function compileHistory(
  source: Source,
  path: YamlPath,
  request: SearchRequest,
  ownTypes: readonly string[],
  report: Report,
): Search | undefined {
  checkRequest(source, path, request, report);
  try {
    return compileSearch(request, ownTypes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.fault(
      source,
      [...path, "indexPattern"],
      `${messageOf(error)}.`,
      'Use "v11-log-<dataType>-*", "v11-alert-*", or "dataType".',
    );
    return undefined;
  }
}

function checkRequest(source: Source, path: YamlPath, request: SearchRequest, report: Report): void {
  if (request.indexPattern !== undefined && request.dataType !== undefined) {
    report.fault(
      source,
      [...path, "dataType"],
      '"dataType" stands in place of "indexPattern"; keep one of them.',
    );
  }
  if (nowMinus(request.within) !== undefined) {
    const plain = request.within.trim().slice(4);
    report.doubt(
      source,
      [...path, "within"],
      `The EventProcessor reads "${request.within}" as no window at all; here it means ${plain} back.`,
      "Write a duration such as 12h.",
    );
  }
  for (const [index, { value }] of request.with.entries()) {
    if (typeof value === "string" && value.includes("{{") && placeholderOf(value) === undefined) {
      const why = "A placeholder must be the whole value; this text is compared as it is written.";
      report.doubt(source, [...path, "with", index, "value"], why, 'Write "{{.path}}" alone.');
    }
  }
  for (const [index, branch] of request.or.entries())
    checkRequest(source, [...path, "or", index], branch, report);
}
