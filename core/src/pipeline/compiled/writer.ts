import { messageOf } from "@vedette/sdk";
import { addError, type Draft } from "../draft.ts";
import type { ConversionCounters } from "../event.ts";
import { splitPath, walk } from "../paths/index.ts";
import type { Patterns } from "../patterns/index.ts";
import type { CompiledStep } from "../plan.ts";
import type { CarriedCode } from "./block/cut/index.ts";
import { emitDraft, emitScatter, givenSource, slotValue } from "./bridge.ts";
import { askedOnly, ConditionWriter, readsOnlyFields } from "./conditions.ts";
import { type Count, Counts } from "./counts.ts";
import { Emitter, quoted } from "./emitter.ts";
import { FinishWriter } from "./finish.ts";
import { given, Layout } from "./layout.ts";
import { type Native, nativeOf } from "./natives/index.ts";
import { prelude, sliceVariables } from "./slices.ts";

/** What a pipeline is compiled from. */
export interface Plan {
  readonly dataType: string;
  readonly steps: readonly CompiledStep[];
  readonly patterns: Patterns;
  readonly tenantNames: ReadonlyMap<string, string>;
  readonly conversion: ConversionCounters;
  /** What the build carries of the form for blocks. */
  carriedOf(): CarriedCode | undefined;
  /** Runs the steps on the draft of a long line, which are watched then. */
  runLong(draft: Draft): void;
}

/** Why a row is gone that a drop step took. */
export const dropReason = "pipeline_drop";

function note(errors: string[] | undefined, label: string, error: unknown): string[] {
  const list = errors ?? [];
  addError(list, `${label}: ${messageOf(error)}`);
  return list;
}

/** The source of a pipeline and what belongs to it. */
export interface Written {
  readonly text: string;
  readonly emitter: Emitter;
  readonly columnPaths: readonly string[];
  readonly interpreted: readonly string[];
  readonly usesRaw: boolean;
  readonly writesDataSource: boolean;
  /** Names of the fields of `log` that have slots. */
  readonly logFields: readonly string[];
}

/** Steps in a row that run under one condition. */
interface Group {
  readonly condition: string;
  readonly head: number;
  readonly bodies: string[];
}

/** Statements that are longer, in characters, become a function of their own: small functions are optimised soon and well. */
const longBody = 400;
/** Characters of statements that one function runs one after the other. */
const longRun = 4_000;
/** True where statements may end the row, by giving true. */
const mayEnd = (source: string): boolean => source.includes("return true;");

/** True for a drop step that can do nothing else. */
const isPlainDrop = ({ kind, step }: CompiledStep): boolean =>
  kind === "drop" && (step.drop?.onError ?? "continue") === "continue";

/**
 * The source of a whole pipeline: one function that parses a log and fills the columns of its row. It is written when it is asked for:
 * where lines are worked on in blocks, that may never be.
 */
export class PipelineSource {
  readonly counts: Counts;
  readonly #plan: Plan;
  readonly #natives: readonly (Native | undefined)[];
  /** True when fields of `log` may have names that come with the log. */
  readonly #named: boolean;
  readonly #emitter: Emitter;
  readonly #conditions: ConditionWriter;
  /** True when all steps are written as source, which touches no field but those of the layout. */
  readonly #isNative: boolean;
  readonly #interpreted: string[] = [];
  readonly #lines: string[] = [];
  #group: Group | undefined;
  /** Paths that expressions read through the interpreter's closures. */
  readonly #read = new Set<string>();
  #needsDraft = false;
  #written: Written | undefined;

  constructor(plan: Plan) {
    const { steps, patterns } = plan;
    this.#plan = plan;
    this.counts = new Counts(steps);
    const natives = steps.map((step) => nativeOf(step, plan));
    const wheres = steps.flatMap(({ where }) => where ?? []);
    const asked = new Set(wheres.flatMap(askedOnly));
    const read = wheres.flatMap((where) => {
      const only = askedOnly(where);
      return readsOnlyFields(where) ? where.paths.filter((path) => !only.includes(path)).map(splitPath) : [];
    });
    this.#named = steps.some(
      (step, index) => !isPlainDrop(step) && (natives[index]?.names ?? !natives[index]),
    );
    const exact = natives.includes(undefined) || !wheres.every(readsOnlyFields);
    const layout = new Layout(
      [...natives.flatMap((native) => native?.paths ?? []), ...read],
      this.#named,
      asked,
      exact,
    );
    this.#natives = natives.map((native) => (native?.names && !layout.log ? undefined : native));
    this.#isNative = steps.every((step, index) => this.#natives[index] !== undefined || isPlainDrop(step));
    this.#emitter = new Emitter(layout);
    this.#conditions = new ConditionWriter(this.#emitter, patterns);
  }

  /** Both are known before anything is written, but where steps name the field and it takes writing them to know what they do. */
  get usesRaw(): boolean {
    return !this.#isNative || this.#emitter.layout.whole.has("raw") || this.written.usesRaw;
  }

  get writesDataSource(): boolean {
    if (!this.#isNative) return true;
    return this.#emitter.layout.whole.has("dataSource") && this.written.writesDataSource;
  }

  get written(): Written {
    this.#written ??= this.#write();
    return this.#written;
  }

  #count(step: number, what: Count): string {
    return `n[${this.counts.at(step, what)}]++;`;
  }

  #failed(step: number, what: "errors" | "faults"): string {
    const label = quoted(this.#plan.steps[step]!.label);
    return `catch (e) { ${this.#count(step, what)} errors = ${this.#emitter.ref(note)}(errors, ${label}, e); }`;
  }

  /** Statements, or the call of a function that has them. */
  #part(source: string): string {
    if (source.length < longBody) return `{ ${source} }`;
    const call = this.#emitter.outline(source);
    return mayEnd(source) ? `if (${call}) return true;` : `${call};`;
  }

  #end(): void {
    if (!this.#group) return;
    const { condition, head, bodies } = this.#group;
    const body = this.#part(`${this.#count(head, "runs")} ${bodies.join("\n    ")}`);
    this.#lines.push(`if (${condition}) ${body}`);
    this.#group = undefined;
  }

  #step(step: CompiledStep, index: number): void {
    const { where } = step;
    if (!where) {
      this.#end();
      this.#lines.push(this.#part(this.#body(step, index)));
      return;
    }
    const plain = this.#conditions.write(where);
    if (plain && !plain.throws) {
      const { source } = plain;
      const known = this.#group?.condition === source && !this.#emitter.touched(source);
      if (!known) {
        this.#end();
        this.#emitter.untouch();
        this.#group = { condition: source, head: index, bodies: [] };
      }
      this.counts.shareRuns(index, this.#group!.head);
      this.#group!.bodies.push(`{ ${this.#emitter.maybe(() => this.#body(step, index))} }`);
      // Not every row comes past it, so what follows counts its own runs.
      if (!this.#natives[index]) this.#end();
      return;
    }
    this.#end();
    const before = plain ? "" : this.#lend(step);
    const condition = plain?.source ?? `${this.#emitter.ref(where)}.test(doc)`;
    const body = this.#emitter.maybe(() => this.#body(step, index));
    this.#lines.push(
      `go = false; try { ${before} go = ${condition}; } ${this.#failed(index, "faults")} if (go) ${this.#part(`${this.#count(index, "runs")} ${body}`)}`,
    );
  }

  /** Shows an expression that runs in the interpreter's closures what it reads. */
  #lend({ where }: CompiledStep): string {
    const { presence } = this.#emitter.layout;
    if (!where || !readsOnlyFields(where) || where.paths.some((path) => presence.has(path))) {
      this.#needsDraft = true;
      return "lent = draft().root;";
    }
    for (const path of where.paths) this.#read.add(path);
    return "lent = undefined;";
  }

  #body(step: CompiledStep, index: number): string {
    const native = this.#natives[index];
    const gone = `over = ${quoted(dropReason)}; return true;`;
    if (isPlainDrop(step)) return `${this.#count(index, "drops")} ${gone}`;
    if (native) {
      const source = native.emit(this.#emitter, this.#count(index, "missed"));
      return native.sure?.(this.#emitter) ? source : `try { ${source} } ${this.#failed(index, "errors")}`;
    }
    this.#needsDraft = true;
    this.#interpreted.push(step.label);
    this.#emitter.layout.forget();
    this.#emitter.touchAll();
    const run = `if (${this.#emitter.ref(step.run)}(d) === "missed") { ${this.#count(index, "missed")} } else if (d.dropped) { ${this.#count(index, "drops")} ${gone} }`;
    const left = `{ ${this.#count(index, "left")} over = hand(bound.writer, row, log, tenant, tenantName, d, ${index + 1}); return true; }`;
    return `const d = draft(); try { ${run} } ${this.#failed(index, "errors")} rounds = d.rounds; if (d.dropped || !scatter(d.root)) ${left}`;
  }

  /** The steps in functions of bounded size; the statement calls them. */
  #steps(): { readonly functions: string; readonly calls: string } {
    const parts: string[] = [];
    let part: string[] = [];
    let size = 0;
    for (const line of [...this.#lines, ""]) {
      if (part.length > 0 && (line === "" || size + line.length > longRun)) {
        parts.push(part.join("\n  "));
        part = [];
        size = 0;
      }
      part.push(line);
      size += line.length;
    }
    const functions = parts.map(
      (lines, at) => `function steps${at}() { let go = false; ${lines} return false; }`,
    );
    return {
      functions: functions.join("\n"),
      calls: parts.map((_, at) => `steps${at}()`).join(" || ") || "false",
    };
  }

  #write(): Written {
    const { layout } = this.#emitter;
    for (const [index, step] of this.#plan.steps.entries()) this.#step(step, index);
    this.#end();
    const interpreted = this.#interpreted.length > 0;
    const usesRaw = this.#needsDraft || layout.whole.has("raw");
    const writesDataSource = interpreted || layout.whole.get("dataSource")?.written === true;
    const finish = new FinishWriter(this.#emitter);
    finish.write(writesDataSource, this.#named);
    const start = layout.slots.map(({ name, path }) => {
      const [first] = path;
      if (path.length !== 1 || !given.has(first)) return `${name} = undefined;`;
      if (first !== "raw") return `${name} = ${givenSource(first)};`;
      return `if (B === undefined) ${name} = log.raw; else { ${name} = slice; ${name}a = from; ${name}b = to; ${name}t = undefined; }`;
    });
    const there = [...layout.presence.values()];
    const reads = [...this.#read].map((path) => {
      const { slot, below } = layout.place(splitPath(path));
      const value =
        below.length === 0
          ? slotValue(slot)
          : `${this.#emitter.ref(walk)}(${slotValue(slot)}, ${this.#emitter.ref(below)}, 0)`;
      return `case ${quoted(path)}: return ${value};`;
    });
    const steps = this.#steps();
    const { ahead } = this.#emitter;
    const names = [
      "bound, row = 0, log, B, base = 0, over, errors, rounds = 0, lent, tenant, tenantName, lastTenant, cutAt = -1",
    ];
    const text = `"use strict";
var ${[...names, ...layout.slots.map(({ name }) => name), ...there, ...this.#emitter.memories].join(", ")};
${prelude}
${layout.slots
  .filter(({ sliced }) => sliced)
  .map(sliceVariables)
  .join("\n")}
${finish.source}
function open(at) { return (bound.columns[at] = bound.writer.open(columnPaths[at])); }
function openText(at) { return (bound.columns[at] = bound.writer.openText(columnPaths[at])); }
${emitDraft(layout, this.#needsDraft, this.#named)}
${emitScatter(layout)}
const doc = { get(path) {
  if (lent !== undefined) return readAny(path, lent);
  switch (path) { ${reads.join("\n")} }
} };
${this.#emitter.functions.join("\n")}
${steps.functions}
function run(bound_, row_, log_, bytes, from, to) {
  bound = bound_; row = row_; log = log_; B = bytes; base = from;
  if (log.tenantId !== lastTenant) { lastTenant = log.tenantId; tenant = lastTenant || defaultId; tenantName = tenantNames.get(tenant); }
  over = undefined; errors = undefined; rounds = 0;
  ${ahead ? `cutAt = bytes !== undefined && log.ahead >= 0 ? log.ahead * ${ahead.words} : -1;` : ""}
  ${[...start, ...there.map((name) => `${name} = false;`)].join(" ")}
  n[0]++;${this.#named ? " names.clear(B);" : ""}
  if (${steps.calls}) return over;
  if (check()) { finish(); return undefined; }
  return end(bound.writer, row, log, tenant, tenantName, draft());
}
return run;`;
    return {
      text,
      emitter: this.#emitter,
      columnPaths: finish.paths,
      interpreted: this.#interpreted,
      usesRaw,
      writesDataSource,
      logFields: [...(layout.log?.keys() ?? [])],
    };
  }
}
