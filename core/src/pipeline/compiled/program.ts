import { defaultTenant, type Log, messageOf } from "@vedette/sdk";
import type { ColumnBuilder, RowColumns } from "../../batch/index.ts";
import { ObjectDoc } from "../cel/index.ts";
import { unfit } from "../coerce.ts";
import { addError, type Draft } from "../draft.ts";
import { type ConversionCounters, toEvent } from "../event.ts";
import { pathOf, splitPath } from "../paths/index.ts";
import type { Patterns } from "../patterns/index.ts";
import type { CompiledStep } from "../plan.ts";
import { runStep } from "../run-step.ts";
import { emitDraft, emitScatter, givenSource } from "./bridge.ts";
import { ConditionWriter } from "./conditions.ts";
import { Counts } from "./counts.ts";
import { Emitter, quoted } from "./emitter.ts";
import { FinishWriter } from "./finish.ts";
import { given, Layout } from "./layout.ts";
import { type Native, nativeOf } from "./natives/index.ts";
import { RowWriter } from "./row-writer.ts";
import type { ColumnProgram, RowLog, RowProgram } from "./seam.ts";

/** What a pipeline is compiled from. */
export interface Plan {
  readonly dataType: string;
  readonly steps: readonly CompiledStep[];
  readonly patterns: Patterns;
  readonly tenantNames: ReadonlyMap<string, string>;
  readonly conversion: ConversionCounters;
}

/** A program with its counters. */
export interface CountedProgram extends ColumnProgram {
  /** Brings the counters to the steps. */
  fold(): void;
}

/** What the generated source knows of a batch. */
interface Bound {
  readonly columns: (ColumnBuilder | undefined)[];
  readonly writer: RowWriter;
}

type Run = (bound: Bound, row: number, log: RowLog) => string | undefined;

const dropReason = "pipeline_drop";

/** True for a path of keys: no query, which is answered by a draft. */
const isPlain = (path: string): boolean => !pathOf(path).query;

function note(errors: string[] | undefined, label: string, error: unknown): string[] {
  const list = errors ?? [];
  addError(list, `${label}: ${messageOf(error)}`);
  return list;
}

/** Writes the source of a whole pipeline. */
class Writer {
  readonly counts: Counts;
  readonly interpreted: string[] = [];
  readonly emitter: Emitter;
  readonly finish: FinishWriter;
  readonly #plan: Plan;
  readonly #natives: readonly (Native | undefined)[];
  readonly #conditions: ConditionWriter;
  /** Paths that expressions read through the interpreter's closures. */
  readonly #read = new Set<string>();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.counts = new Counts(plan.steps);
    this.#natives = plan.steps.map((step) => nativeOf(step, plan));
    const paths = [
      ...this.#natives.flatMap((native) => native?.paths ?? []),
      ...plan.steps.flatMap(({ where }) => where?.paths.filter(isPlain).map(splitPath) ?? []),
    ];
    this.emitter = new Emitter(new Layout(paths));
    this.#conditions = new ConditionWriter(this.emitter, plan.patterns);
    this.finish = new FinishWriter(this.emitter);
  }

  #count(step: number, what: Parameters<Counts["at"]>[1]): string {
    return `n[${this.counts.at(step, what)}]++;`;
  }

  #failed(step: number, what: "errors" | "faults"): string {
    const label = quoted(this.#plan.steps[step]!.label);
    return `${this.#count(step, what)} errors = ${this.emitter.ref(note)}(errors, ${label}, e);`;
  }

  #step(step: CompiledStep, index: number): string {
    const { where } = step;
    if (!where) {
      const body = this.#body(step, index);
      return `{ ${body} }`;
    }
    const plain = this.#conditions.write(where);
    if (plain === undefined) for (const path of where.paths.filter(isPlain)) this.#read.add(path);
    const condition = plain ?? `${this.emitter.ref(where)}.test(doc)`;
    const body = this.emitter.maybe(() => this.#body(step, index));
    const test = `go = false; try { go = ${condition}; } catch (e) { ${this.#failed(index, "faults")} }`;
    return `${test} if (go) { ${this.#count(index, "runs")} ${body} }`;
  }

  #body(step: CompiledStep, index: number): string {
    const native = this.#natives[index];
    if (step.kind === "drop") return `${this.#count(index, "drops")} return ${quoted(dropReason)};`;
    const failed = `catch (e) { ${this.#failed(index, "errors")} }`;
    if (native) return `try { ${native.emit(this.emitter, this.#count(index, "missed"))} } ${failed}`;
    this.interpreted.push(step.label);
    this.emitter.layout.forget();
    const run = `if (${this.emitter.ref(step.run)}(d) === "missed") { ${this.#count(index, "missed")} } else if (d.dropped) { ${this.#count(index, "drops")} return ${quoted(dropReason)}; }`;
    const left = `{ ${this.#count(index, "left")} return takeOver(d, ${index + 1}); }`;
    return `const d = draft(); try { ${run} } ${failed} rounds = d.rounds; if (d.dropped || !scatter(d.root)) ${left}`;
  }

  write(): string {
    const { layout } = this.emitter;
    const steps = this.#plan.steps.map((step, index) => this.#step(step, index));
    const generic = this.interpreted.length > 0 || this.#read.size > 0;
    const usesRaw = generic || layout.whole.has("raw");
    this.usesRaw = usesRaw;
    this.writesDataSource = this.interpreted.length > 0 || layout.whole.get("dataSource")?.written === true;
    this.finish.write(this.writesDataSource, this.interpreted.length > 0);
    const reset = layout.slots.map(({ name, path }) => {
      const [first] = path;
      return `${name} = ${path.length === 1 && given.has(first) ? givenSource(first) : "undefined"};`;
    });
    const reads = [...this.#read].map(
      (path) => `case ${quoted(path)}: return ${this.emitter.read(splitPath(path))};`,
    );
    return `"use strict";
var ${["go", ...layout.slots.map(({ name }) => name)].join(", ")};
var c, w, row = 0, log, errors, rest, rounds = 0, tenant, tenantName, lastTenant;
${this.finish.memory}
function open(at) { return (c[at] = w.open(columnPaths[at])); }
function errorsOf() { return log.flaw === undefined ? errors : [log.flaw, ...(errors ?? [])]; }
${emitDraft(layout, generic)}
${emitScatter(layout)}
function slow() { end(w, row, log, tenant, tenantName, draft()); }
function takeOver(d, from) { return hand(w, row, log, tenant, tenantName, d, from); }
const doc = { get(path) { switch (path) { ${reads.join(" ")} } return readAny(path, draft().root); } };
function run(bound, givenRow, givenLog) {
  c = bound.columns; w = bound.writer; row = givenRow; log = givenLog; errors = undefined; rest = undefined; rounds = 0;
  if (log.tenantId !== lastTenant) { lastTenant = log.tenantId; tenant = lastTenant || defaultId; tenantName = tenantNames.get(tenant); }
  ${reset.join(" ")}
  n[0]++;
  ${steps.join("\n  ")}
  ${this.finish.checks.join("\n  ")}
  ${this.finish.writes.join("\n  ")}
}
return run;`;
  }

  usesRaw = true;
  writesDataSource = true;
}

/** Compiles the steps of a data type to one function that fills the columns of a row. */
export function compileProgram(plan: Plan): CountedProgram {
  const { dataType, steps, conversion, tenantNames } = plan;
  const writer = new Writer(plan);
  const source = writer.write();
  const { counts, emitter, finish, usesRaw, writesDataSource, interpreted } = writer;

  /** Ends a row as the interpreter does, for what the columns do not take as it is. */
  const end = (
    to: RowWriter,
    row: number,
    log: RowLog,
    tenantId: string,
    tenantName: string | undefined,
    draft: Draft,
  ): void => {
    const { id, timestamp, dataSource, flaw } = log;
    const complete: Log = { id, dataType, dataSource, "@timestamp": timestamp, tenantId, raw: "" };
    const event = toEvent(draft, complete, tenantName, conversion);
    if (flaw !== undefined) event.errors = [flaw, ...(event.errors ?? [])];
    to.event(event, row, writesDataSource);
  };
  const hand = (
    to: RowWriter,
    row: number,
    log: RowLog,
    tenantId: string,
    tenantName: string | undefined,
    draft: Draft,
    from: number,
  ): string | undefined => {
    if (draft.dropped) return dropReason;
    const doc = new ObjectDoc(draft.root);
    for (let index = from; index < steps.length; index++) {
      runStep(steps[index]!, draft, doc);
      if (draft.dropped) return dropReason;
    }
    end(to, row, log, tenantId, tenantName, draft);
    return undefined;
  };
  const readAny = (path: string, root: unknown): unknown => pathOf(path).read(root);
  const scope: Readonly<Record<string, unknown>> = {
    n: counts.values,
    columnPaths: finish.paths,
    defaultId: defaultTenant.id,
    dataType,
    tenantNames,
    unfit,
    end,
    hand,
    readAny,
    ...Object.fromEntries(emitter.values.map((value, index) => [`h${index}`, value])),
  };
  const run = new Function(...Object.keys(scope), source)(...Object.values(scope)) as Run;

  return {
    paths: finish.paths,
    usesRaw,
    writesDataSource,
    interpreted,
    fold: () => counts.fold(),
    bind: (columns: RowColumns): RowProgram => {
      const bound: Bound = {
        columns: new Array<ColumnBuilder | undefined>(finish.paths.length).fill(undefined),
        writer: new RowWriter(columns),
      };
      return { run: (row, log) => run(bound, row, log) };
    },
  };
}
