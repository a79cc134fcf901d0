import type { CelProgram } from "../../cel/index.ts";
import { ObjectDoc } from "../../cel/index.ts";
import type { Draft } from "../../draft.ts";
import type { JsonObject } from "../../paths/index.ts";
import { compileWrite, readKey, sanitizeName, splitPath } from "../../paths/index.ts";
import type { CompiledStep, StepCounters } from "../../plan.ts";
import { runStep } from "../../run-step.ts";
import { readsOnlyFields } from "../conditions.ts";
import { wordsOf } from "./touches.ts";

/** What a step inside a `foreach` counts for one item. */
export interface Counted {
  readonly counters: StepCounters;
  readonly each: Readonly<Pick<StepCounters, "runs" | "skipped" | "missed">>;
}

/** What a `foreach` does with a field of its object, by the name of that field alone. */
export interface Round {
  /** Where the value is written too; undefined where it is not. */
  readonly target: readonly string[] | undefined;
  readonly counted: readonly Counted[];
}

/** What a `foreach` does, where that has a form for blocks. */
export type Rounds =
  /** Takes fields away that are one of some words. */
  | { readonly kind: "clean"; readonly words: readonly string[]; readonly counters: StepCounters }
  /** Writes values under other names. Undefined for a name with which it does something else. */
  | { readonly kind: "spread"; of(name: string): Round | undefined };

/** A text that no line holds, which stands for the item. */
const mark = "\0item";

const reads = (where: CelProgram | undefined, key: string): boolean =>
  !where || (!where.strict && readsOnlyFields(where) && where.paths.every((path) => path === key));

/** True for a step that does nothing but to rename the key, or to write the item under a name with the key in it. */
function isPlain({ step, where }: CompiledStep, item: string, key: string): boolean {
  if (!reads(where, key)) return false;
  if (step.lookup) return step.lookup.source === key && step.lookup.target === key && !!step.lookup.table;
  const fields = Object.entries(step.set?.fields ?? {});
  const names = (text: unknown, ...paths: string[]): boolean =>
    typeof text === "string" &&
    [...text.matchAll(/\{\{([^{}]*)\}\}/g)].every(([, path]) => paths.includes(path!));
  return fields.length === 1 && fields.every(([name, value]) => names(name, key) && value === `{{${item}}}`);
}

/** Asks the steps what they do with the item of a name, by running them. */
function roundOf(steps: readonly CompiledStep[], item: string, key: string, name: string): Round | undefined {
  const root: JsonObject = {};
  compileWrite(splitPath(item))(root, mark);
  compileWrite(splitPath(key))(root, name);
  const draft: Draft = { root, errors: [], dropped: false };
  const doc = new ObjectDoc(root);
  const counted = steps.map((step): Counted => {
    const { counters } = step;
    const before = { ...counters };
    runStep(step, draft, doc);
    const { runs, skipped, missed } = counters;
    const each = {
      runs: runs - before.runs,
      skipped: skipped - before.skipped,
      missed: missed - before.missed,
    };
    Object.assign(counters, before);
    return { counters, each };
  });
  const written: string[][] = [];
  const walk = (value: unknown, path: string[]): void => {
    if (typeof value !== "object" || value === null) written.push(path);
    else for (const name of Object.keys(value)) walk(readKey(value, name), [...path, name]);
  };
  walk(root, []);
  const others = written.filter((path) => path.join(".") !== key && path.join(".") !== item);
  const [target] = others;
  const isWhole = readKey(readKey(root, "log"), splitPath(item)[1]!) === mark;
  if (draft.errors.length > 0 || others.length > 1 || !isWhole || written.length !== others.length + 2)
    return undefined;
  return target?.length === 1 ? undefined : { target, counted };
}

/** Undefined for steps of other forms. */
export function roundsOf({ step, nested }: CompiledStep): Rounds | undefined {
  const { as: item, key } = step.foreach!;
  const isSimple = (path: string): boolean =>
    path.startsWith("log.") && splitPath(path).length === 2 && sanitizeName(path).join(".") === path;
  const [first] = nested;
  if (!first || !isSimple(item) || (key !== undefined && !isSimple(key))) return undefined;
  const { fields } = first.step.delete ?? {};
  if (fields) {
    const isItem = nested.length === 1 && fields.length === 1 && fields[0] === item;
    const words = isItem && first.where && !first.where.strict ? wordsOf(first.where.ast, fields) : undefined;
    return words && { kind: "clean", words, counters: first.counters };
  }
  if (key === undefined || !nested.every((inner) => isPlain(inner, item, key))) return undefined;
  return { kind: "spread", of: (name) => roundOf(nested, item, key, name) };
}
