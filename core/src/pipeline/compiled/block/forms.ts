import { isQueryPath, sanitizeName, splitPath } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { knownCef } from "../../steps/cef/known.ts";
import type { Step } from "../../steps/index.ts";
import { knownLeef } from "../../steps/leef/index.ts";
import { facilities, severities } from "../../steps/syslog/names.ts";
import { hasPlaceholder, templateOf } from "../../steps/template.ts";
import { CsvRows } from "./csv.ts";
import { makeDate } from "./date.ts";
import { isObjectName, makeDeleteAll } from "./delete-all.ts";
import { jsonBytes } from "./json-entries.ts";
import { KvRows } from "./kv.ts";
import { entriesOf, makeLookup } from "./lookup.ts";
import { type RowStep, type RowStepPlaces, rowStep } from "./row-step.ts";
import { makeSet } from "./set.ts";
import { type BlockSpace, logic } from "./space.ts";
import { SplitRows } from "./split.ts";
import { type BlockContext, type BlockStep, blockStep, type WrittenStep } from "./steps.ts";
import { SyslogRows } from "./syslog.ts";
import { makeXml } from "./xml.ts";

type Paths = readonly (readonly string[])[];

/** The path of a field that is read; none where it is a query. */
const fieldPath = (name: string): Paths => (name === "" || isQueryPath(name) ? [] : [splitPath(name)]);

const logFields = (names: readonly string[]): Paths => names.map((name) => ["log", name]);

/** What a step reads and writes that runs row by row; undefined for one that does not. */
function placesOf({ step }: CompiledStep): RowStepPlaces | undefined {
  const { syslog, kv, csv, cef, leef, split, date } = step;
  const from = (source: string, writes: Paths): RowStepPlaces | undefined =>
    isQueryPath(source)
      ? undefined
      : { source: splitPath(source), writes, named: (kv ?? cef ?? leef) !== undefined };
  if (syslog)
    return from(syslog.source, [
      ["deviceTime"],
      [syslog.side, "host"],
      [syslog.side, "process"],
      ...logFields(["priority", "facility", "severity", "sequence", "pid", "messageId", "message"]),
    ]);
  if (kv) return from(kv.source, []);
  if (csv) return from(csv.source, csv.headers.filter(Boolean).map(sanitizeName));
  if (split) {
    const fields = split.fields ?? [split.target ?? split.source];
    return from(split.source, fields.filter(Boolean).map(sanitizeName));
  }
  if (date) return from(date.source, [sanitizeName(date.target)]);
  const known = cef ? knownCef : leef ? knownLeef : {};
  const eventFields = Object.values(known).map(({ path }) => path.split("."));
  const event = [["deviceTime"], ["severity"], ...eventFields];
  return cef ? from(cef.source, event) : leef ? from(leef.source, event) : undefined;
}

/** True for a step that puts fields below `log.` under names that come with the line. */
export const isNaming = ({ step: { kv, cef, leef, syslog, json, expand, xml } }: CompiledStep): boolean =>
  (kv ?? cef ?? leef ?? syslog ?? json ?? expand ?? xml) !== undefined;

/** True for one that puts objects there with all that is in them. */
export const isNesting = ({ step: { json, expand, xml } }: CompiledStep): boolean =>
  (json ?? expand ?? xml) !== undefined;

/** Top-level objects that a step takes away as a whole. */
export const wholeObjects = ({ step }: CompiledStep): readonly string[] =>
  (step.delete?.fields ?? []).filter((name) => isObjectName(name));

/** Paths of the fields that a step with a kernel of its own reads or writes; of one that takes fields away none. */
function kernelPaths({ step }: CompiledStep): Paths {
  const { grok, trim, cast, reformat, rename, add, json, expand, xml } = step;
  const document = json ?? expand ?? xml;
  if (grok)
    return [
      ...fieldPath(grok.source),
      ...grok.patterns.flatMap(({ fieldName }) => (fieldName === "" ? [] : [sanitizeName(fieldName)])),
    ];
  if (document) return fieldPath(document.source);
  if (rename) return [...rename.from.map(splitPath), sanitizeName(rename.to)];
  if (add) return [sanitizeName(add.params.key)];
  return ((trim ?? cast ?? reformat)?.fields ?? []).map(splitPath);
}

const valuePaths = (fields: Readonly<Record<string, unknown>>): Paths =>
  Object.entries(fields).flatMap(([name, value]) => [
    ...(hasPlaceholder(name) ? [] : [sanitizeName(name)]),
    ...(typeof value === "string" ? templateOf(value).paths.flatMap(fieldPath) : []),
  ]);

/** Paths of the fields that a step reads and writes in a block, those of steps inside it too. */
export const pathsOf = (step: CompiledStep): Paths => [
  ...ownPathsOf(step),
  ...(step.step.foreach ? [] : step.nested.flatMap(pathsOf)),
];

/** The same without steps inside it. */
export function ownPathsOf(step: CompiledStep): Paths {
  const places = placesOf(step);
  if (places) return [places.source, ...places.writes];
  const { set, lookup } = step.step;
  if (set) return valuePaths(set.fields);
  if (lookup) {
    const fields = entriesOf(lookup)?.values.flat() ?? [];
    return [...fieldPath(lookup.source), ...fields.map(([name]) => sanitizeName(name))];
  }
  const cases = step.step.switch?.cases;
  if (!cases) return kernelPaths(step);
  return cases.flatMap(({ set: values }) => (values ? valuePaths(values) : []));
}

/** Bytes that a step lays down for good, or takes for what it learns. */
export function constantBytes({
  step: { set, lookup, switch: choice, json, expand, syslog },
}: CompiledStep): number {
  if (json ?? expand) return jsonBytes;
  const values = [
    ...Object.values(set?.fields ?? {}),
    ...(lookup
      ? (entriesOf(lookup)
          ?.values.flat()
          .map(([, value]) => value) ?? [])
      : []),
    ...(choice?.cases.flatMap(({ set: fields }) => Object.values(fields ?? {})) ?? []),
  ];
  const names = syslog ? [...facilities, ...severities] : [];
  return [...values, ...names].reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length + 96 : 0),
    0,
  );
}

/** What reads the usual rows of a step by their bytes. */
function bytesOf(
  space: BlockSpace,
  { syslog, kv, csv, split }: Step,
): SyslogRows | KvRows | CsvRows | SplitRows | undefined {
  if (syslog) return new SyslogRows(space, syslog);
  if (kv) return KvRows.of(space, kv);
  return csv ? CsvRows.of(space, csv) : split && SplitRows.of(space, split);
}

/** A step that leaves rows which are not usual to `rows`. */
function rowForm(space: BlockSpace, step: Step, rows: RowStep | undefined): BlockStep | undefined {
  const own = rows && bytesOf(space, step);
  if (!own) return rows;
  const { kernel } = space;
  const log = step.csv || step.split ? undefined : space.there.of("log");
  const read = kernel.mask();
  return {
    writes: rows.writes,
    run: (mask, missed) => {
      own.run(rows.source, rows, mask, missed);
      if (!log) return;
      // A line that was read has a `log`, be it empty.
      kernel.calls.logic(logic.without, mask, missed, read, space.count);
      kernel.calls.logic(logic.or, log.mask, read, log.mask, space.count);
    },
  };
}

/** A step for blocks; undefined where it has no such form. */
export function blockForm(
  space: BlockSpace,
  compiled: CompiledStep,
  context: BlockContext,
): BlockStep | WrittenStep | undefined {
  const { kind, step, run } = compiled;
  const { onError } = step[kind] as { readonly onError?: unknown };
  if (onError !== undefined && onError !== "continue") return undefined;
  if (step.set) return makeSet(space, step.set);
  if (step.xml) return makeXml(space, step.xml);
  if (step.lookup) return makeLookup(space, step.lookup);
  if (step.date) return makeDate(space, run, step.date);
  const places = placesOf(compiled);
  if (places) return rowForm(space, step, rowStep(space, run, places));
  if (step.delete?.fields.some((name) => isObjectName(name) || space.there.of(name)))
    return makeDeleteAll(space, step.delete.fields);
  return blockStep(space, compiled, context);
}
