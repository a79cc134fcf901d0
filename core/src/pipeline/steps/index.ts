import { z } from "zod";
import { add, compileAdd } from "./add.ts";
import { cast, compileCast } from "./cast.ts";
import { cef, compileCef } from "./cef/index.ts";
import { compileCsv, csv } from "./csv.ts";
import { compileDateStep, date } from "./date.ts";
import { compileDelete, remove } from "./delete.ts";
import { compileDrop, drop } from "./drop.ts";
import { compileGrok, grok } from "./grok.ts";
import { compileJson, json } from "./json.ts";
import { compileKv, kv } from "./kv.ts";
import { compileLeef, leef } from "./leef/index.ts";
import { compileLookup, lookup } from "./lookup/index.ts";
import { compileReformat, reformat } from "./reformat.ts";
import { compileRename, rename } from "./rename.ts";
import type { RunStep, StepContext } from "./step.ts";
import { compileSyslog, syslog } from "./syslog/index.ts";
import { compileTrim, trim } from "./trim.ts";
import { compileXml, xml } from "./xml/index.ts";

export { type RunStep, type StepContext, StepError } from "./step.ts";

const later = (why: string) =>
  z
    .custom<never>((value) => value === undefined, {
      message: `This step is known but not yet supported${why}`,
    })
    .optional();

const kinds = {
  json: json.optional(),
  grok: grok.optional(),
  kv: kv.optional(),
  csv: csv.optional(),
  rename: rename.optional(),
  cast: cast.optional(),
  trim: trim.optional(),
  add: add.optional(),
  delete: remove.optional(),
  drop: drop.optional(),
  reformat: reformat.optional(),
  xml: xml.optional(),
  syslog: syslog.optional(),
  cef: cef.optional(),
  leef: leef.optional(),
  date: date.optional(),
  lookup: lookup.optional(),
} as const;

export type StepKind = keyof typeof kinds;
export const stepKinds = Object.keys(kinds) as readonly StepKind[];

/** One step of a pipeline: exactly one kind with its options. */
export const step = z
  .strictObject({
    ...kinds,
    expand: later(""),
    dynamic: later(": plugins over sockets are not called from pipelines yet"),
  })
  .superRefine((value, context) => {
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
};

/** Which kind a checked step is. */
export const kindOfStep = (value: Step): StepKind => Object.keys(value)[0] as StepKind;

/** Compiles a checked step. Throws StepError, whose path is below the step's kind. */
export function compileStep(value: Step, context: StepContext): RunStep {
  const kind = kindOfStep(value);
  const compile = compilers[kind] as (options: unknown, context: StepContext) => RunStep;
  return compile(value[kind], context);
}
