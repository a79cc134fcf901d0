import { messageOf } from "@vedette/sdk";
import { addError, type Draft } from "../draft.ts";
import type { ConversionCounters } from "../event.ts";
import { splitPath } from "../paths/index.ts";
import type { Patterns } from "../patterns/index.ts";
import type { CompiledStep } from "../plan.ts";
import { emitDraft, emitScatter, givenSource, takeBack } from "./bridge.ts";
import { askedOnly, ConditionWriter, readsOnlyFields } from "./conditions.ts";
import { type Count, Counts } from "./counts.ts";
import { Emitter, quoted } from "./emitter.ts";
import { FinishWriter } from "./finish.ts";
import { given, Layout } from "./layout.ts";
import { type Native, nativeOf } from "./natives/index.ts";

/** What a pipeline is compiled from. */
export interface Plan {
  readonly dataType: string;
  readonly steps: readonly CompiledStep[];
  readonly patterns: Patterns;
  readonly tenantNames: ReadonlyMap<string, string>;
  readonly conversion: ConversionCounters;
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
  readonly source: string;
  readonly emitter: Emitter;
  readonly counts: Counts;
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

/** True for a drop step that can do nothing else. */
const isPlainDrop = ({ kind, step }: CompiledStep): boolean =>
  kind === "drop" && (step.drop?.onError ?? "continue") === "continue";

class SourceWriter {
  readonly #plan: Plan;
  readonly #natives: readonly (Native | undefined)[];
  /** True when fields of `log` may have names that come with the log. */
  readonly #named: boolean;
  readonly #emitter: Emitter;
  readonly #conditions: ConditionWriter;
  readonly #counts: Counts;
  readonly #interpreted: string[] = [];
  readonly #lines: string[] = [];
  #group: Group | undefined;
  /** Paths that expressions read through the interpreter's closures. */
  readonly #read = new Set<string>();
  #needsDraft = false;

  constructor(plan: Plan) {
    const { steps, patterns } = plan;
    this.#plan = plan;
    this.#counts = new Counts(steps);
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
    this.#emitter = new Emitter(layout);
    this.#conditions = new ConditionWriter(this.#emitter, patterns);
  }

  #count(step: number, what: Count): string {
    return `n[${this.#counts.at(step, what)}]++;`;
  }

  #failed(step: number, what: "errors" | "faults"): string {
    const label = quoted(this.#plan.steps[step]!.label);
    return `catch (e) { ${this.#count(step, what)} errors = ${this.#emitter.ref(note)}(errors, ${label}, e); }`;
  }

  /** The expression for a draft of the row as it is. */
  get #draft(): string {
    const slots = this.#emitter.layout.slots.map(({ name }) => name);
    const there = this.#emitter.layout.presence.values();
    return `draft(${["log", "(errors ??= [])", "rounds", ...slots, ...there].join(", ")})`;
  }

  #end(): void {
    if (!this.#group) return;
    const { condition, head, bodies } = this.#group;
    this.#lines.push(`if (${condition}) { ${this.#count(head, "runs")} ${bodies.join("\n    ")} }`);
    this.#group = undefined;
  }

  #step(step: CompiledStep, index: number): void {
    const { where } = step;
    if (!where) {
      this.#end();
      this.#lines.push(`{ ${this.#body(step, index)} }`);
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
      this.#counts.shareRuns(index, this.#group!.head);
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
      `go = false; try { ${before} go = ${condition}; } ${this.#failed(index, "faults")} if (go) { ${this.#count(index, "runs")} ${body} }`,
    );
  }

  /** Shows an expression that runs in the interpreter's closures what it reads. */
  #lend({ where }: CompiledStep): string {
    const { presence } = this.#emitter.layout;
    if (!where || !readsOnlyFields(where) || where.paths.some((path) => presence.has(path))) {
      this.#needsDraft = true;
      return `lent = ${this.#draft}.root;`;
    }
    const copies = where.paths.map((path) => {
      this.#read.add(path);
      const { slot } = this.#emitter.layout.place(splitPath(path));
      return `x_${slot.name} = ${slot.name};`;
    });
    return `lent = undefined; ${[...new Set(copies)].join(" ")}`;
  }

  #body(step: CompiledStep, index: number): string {
    const native = this.#natives[index];
    const gone = `return ${quoted(dropReason)};`;
    if (isPlainDrop(step)) return `${this.#count(index, "drops")} ${gone}`;
    if (native) {
      const source = native.emit(this.#emitter, this.#count(index, "missed"));
      return native.sure?.(this.#emitter) ? source : `try { ${source} } ${this.#failed(index, "errors")}`;
    }
    this.#needsDraft = true;
    this.#interpreted.push(step.label);
    const taken = this.#draft;
    this.#emitter.layout.forget();
    this.#emitter.touchAll();
    const run = `if (${this.#emitter.ref(step.run)}(d) === "missed") { ${this.#count(index, "missed")} } else if (d.dropped) { ${this.#count(index, "drops")} ${gone} }`;
    const left = `{ ${this.#count(index, "left")} return hand(bound.writer, row, log, tenant, tenantName, d, ${index + 1}); }`;
    return `const d = ${taken}; try { ${run} } ${this.#failed(index, "errors")} rounds = d.rounds; if (d.dropped || !scatter(d.root, log)) ${left} ${takeBack(this.#emitter.layout)}`;
  }

  write(): Written {
    const { layout } = this.#emitter;
    for (const [index, step] of this.#plan.steps.entries()) this.#step(step, index);
    this.#end();
    const interpreted = this.#interpreted.length > 0;
    const usesRaw = this.#needsDraft || layout.whole.has("raw");
    const writesDataSource = interpreted || layout.whole.get("dataSource")?.written === true;
    const finish = new FinishWriter(this.#emitter);
    finish.write(writesDataSource, this.#named);
    const slots = layout.slots.map(({ name, path }) => {
      const [first] = path;
      return path.length === 1 && given.has(first) ? `${name} = ${givenSource(first)}` : name;
    });
    const there = [...layout.presence.values()];
    const lent = [...layout.slots.map(({ name }) => name), ...there].map((name) => `x_${name}`);
    const reads = [...this.#read].map((path) => {
      const { slot } = layout.place(splitPath(path));
      return `case ${quoted(path)}: return ${this.#emitter.read(splitPath(path)).replace(slot.name, `x_${slot.name}`)};`;
    });
    const source = `"use strict";
var ${["lent", ...lent].join(", ")};
var ${["tenant", "tenantName", "lastTenant", ...this.#emitter.memories].join(", ")};
${finish.memory}
function open(bound, at) { return (bound.columns[at] = bound.writer.open(columnPaths[at])); }
${emitDraft(layout, this.#needsDraft, this.#named)}
${emitScatter(layout)}
const doc = { get(path) {
  if (lent !== undefined) return readAny(path, lent);
  switch (path) { ${reads.join("\n")} }
} };
function run(bound, row, log) {
  if (log.tenantId !== lastTenant) { lastTenant = log.tenantId; tenant = lastTenant || defaultId; tenantName = tenantNames.get(tenant); }
  let ${["go = false", "errors", "rounds = 0", "v", ...slots, ...there.map((name) => `${name} = false`)].join(", ")};
  n[0]++;${this.#named ? " names.clear();" : ""}
  ${this.#lines.join("\n  ")}
  slow: {
  ${finish.checks.join("\n  ")}
  const c = bound.columns;
  ${finish.writes.join("\n  ")}
  return undefined;
  }
  return end(bound.writer, row, log, tenant, tenantName, ${this.#draft});
}
return run;`;
    return {
      source,
      emitter: this.#emitter,
      counts: this.#counts,
      columnPaths: finish.paths,
      interpreted: this.#interpreted,
      usesRaw,
      writesDataSource,
      logFields: [...(layout.log?.keys() ?? [])],
    };
  }
}

/** Writes the source of a whole pipeline: one function that parses a log and fills the columns of its row. */
export const writeSource = (plan: Plan): Written => new SourceWriter(plan).write();
