import { once } from "@vedette/sdk";
import { z } from "zod";
import { add, compileAdd } from "./add.ts";
import { cast, compileCast } from "./cast.ts";
import { cef, compileCef } from "./cef/index.ts";
import { compileCsv, csv } from "./csv.ts";
import { compileDateStep, date } from "./date.ts";
import { compileDelete, remove } from "./delete.ts";
import { compileDrop, drop } from "./drop.ts";
import { compileDynamic, dynamic } from "./dynamic.ts";
import { compileExpand, expand } from "./expand.ts";
import { compileForeach, foreachOf } from "./foreach.ts";
import { compileGrok, grok } from "./grok.ts";
import { compileJson, json } from "./json.ts";
import { compileKv, kv } from "./kv.ts";
import { compileLeef, leef } from "./leef/index.ts";
import { compileLookup, lookup } from "./lookup/index.ts";
import { MAX_NESTED, type NestedSteps } from "./nested.ts";
import { type OnError, onErrorOf, withOnError } from "./on-error.ts";
import { compileReformat, reformat } from "./reformat.ts";
import { compileRename, rename } from "./rename.ts";
import { compileSet, set } from "./set.ts";
import { compileSplit, split } from "./split.ts";
import type { RunStep, StepContext } from "./step.ts";
import { compileSwitch, switchOf } from "./switch.ts";
import { compileSyslog, syslog } from "./syslog/index.ts";
import { compileTrim, trim } from "./trim.ts";
import { compileXml, xml } from "./xml/index.ts";

export type { DynamicAnswer, DynamicCall, DynamicHost, SentDraft } from "./dynamic-host.ts";
export { MAX_NESTING, type NestedStep, type StepList } from "./nested.ts";
export { type RunStep, type StepContext, StepError } from "./step.ts";

/** Steps inside a step are steps like any other. */
const nested: NestedSteps = z.lazy(() => z.array(step).min(1).max(MAX_NESTED));
const onError = onErrorOf(nested);

/** A kind with what every step has. */
const kind = <Shape extends z.core.$ZodLooseShape>(schema: z.ZodObject<Shape, z.core.$strict>) =>
  schema
    .extend({ onError })
    .describe(schema.description ?? "")
    .optional();

const kinds = {
  json: kind(json),
  grok: kind(grok),
  kv: kind(kv),
  csv: kind(csv),
  rename: kind(rename),
  cast: kind(cast),
  trim: kind(trim),
  add: kind(add),
  delete: kind(remove),
  drop: kind(drop),
  reformat: kind(reformat),
  xml: kind(xml),
  syslog: kind(syslog),
  cef: kind(cef),
  leef: kind(leef),
  date: kind(date),
  lookup: kind(lookup),
  set: kind(set),
  switch: kind(switchOf(nested)),
  split: kind(split),
  foreach: kind(foreachOf(nested)),
  expand: kind(expand),
  dynamic: kind(dynamic),
} as const;

export type StepKind = keyof typeof kinds;
export const stepKinds = Object.keys(kinds) as readonly StepKind[];

/** One step of a pipeline: exactly one kind with its options. */
export const step = z.strictObject(kinds).superRefine((value, context) => {
  const given = Object.keys(value);
  // An unknown kind is told by itself.
  if (given.length === 1 || context.issues.length > 0) return;
  const message =
    given.length === 0
      ? `A step needs one kind: ${stepKinds.join(", ")}`
      : `A step has one kind, this one has ${given.join(" and ")}; write them as list items of their own`;
  context.addIssue({ code: "custom", message });
});

export type Step = z.infer<typeof step>;

const compilers: {
  readonly [Kind in StepKind]: (options: NonNullable<Step[Kind]>, context: StepContext) => RunStep;
} = {
  json: compileJson,
  grok: compileGrok,
  kv: compileKv,
  csv: compileCsv,
  rename: compileRename,
  cast: compileCast,
  trim: compileTrim,
  add: compileAdd,
  delete: compileDelete,
  drop: compileDrop,
  reformat: compileReformat,
  xml: compileXml,
  syslog: compileSyslog,
  cef: compileCef,
  leef: compileLeef,
  date: compileDateStep,
  lookup: compileLookup,
  set: compileSet,
  switch: compileSwitch,
  split: compileSplit,
  foreach: compileForeach,
  expand: compileExpand,
  dynamic: compileDynamic,
};

/** Which kind a checked step is. */
export const kindOfStep = (value: Step): StepKind => Object.keys(value)[0] as StepKind;

/** Those that tell the loader of what is inside them, or of what is odd, while they are compiled. */
const telling: ReadonlySet<StepKind> = new Set(["switch", "foreach", "dynamic"]);

/** A step that is compiled when it first runs: where blocks are written to columns, few ever do. */
function late(compile: () => RunStep): RunStep {
  const run = once(compile);
  return (draft) => run()(draft);
}

/** Compiles a checked step. Throws StepError, whose path is below the step's kind. */
export function compileStep(value: Step, context: StepContext): RunStep {
  const kind = kindOfStep(value);
  const compile = compilers[kind] as (options: unknown, context: StepContext) => RunStep;
  const options = value[kind] as { readonly onError?: OnError };
  const run =
    context.sound && !telling.has(kind) ? late(() => compile(options, context)) : compile(options, context);
  return withOnError(run, kind, options.onError, context);
}
