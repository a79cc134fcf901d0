import type { Expr } from "../../cel/ast.ts";
import type { CelProgram } from "../../cel/index.ts";
import { sanitizeName, splitPath } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { askedOnly, readsOnlyFields } from "../conditions.ts";
import { Layout } from "../layout.ts";
import { isObjectName } from "./delete-all.ts";
import { isNaming, ownPathsOf, wholeObjects } from "./forms.ts";
import { moveOf } from "./move-object.ts";
import { roundsOf } from "./rounds.ts";
import { NoBlock } from "./space.ts";

type Path = readonly string[];

/** A step with those inside it. What a `foreach` does to its items are no fields. */
const withInner = (step: CompiledStep): CompiledStep[] =>
  step.step.foreach ? [step] : [step, ...step.nested.flatMap(withInner)];

/** A path up to what may be a place in a list, which no slot holds. */
function upToList(path: Path): Path {
  const at = path.findIndex((key, index) => index > 1 && (key === "#" || /^\d{1,9}$/.test(key)));
  return at < 0 ? path : path.slice(0, at);
}

/** Paths of which a condition asks nothing but whether they are there. */
function onlyWhetherThere({ ast, paths }: CelProgram): string[] {
  const read = new Set<unknown>();
  let hasNames = false;
  const walk = (expr: unknown): void => {
    if (typeof expr !== "object" || expr === null) return;
    const node = expr as Partial<Expr>;
    if (node.kind === "ident") hasNames = true;
    if (node.kind === "call" && (node.target || node.name !== "exists")) {
      const [first] = node.args ?? [];
      if (first?.kind === "literal") read.add(first.value);
    }
    for (const part of Object.values(expr)) walk(part);
  };
  walk(ast);
  return hasNames ? [] : paths.filter((path) => !read.has(path));
}

const textOf = (path: Path): string => path.join(".");
const lies = (path: string, below: string): boolean => path.startsWith(`${below}.`);

/** A step that puts a value over an object of which others name what is below. It has a form where that is an object too. */
function overwrites({ step }: CompiledStep, names: readonly string[]): boolean {
  const targets = Object.keys(step.set?.fields ?? {}).map((name) => textOf(sanitizeName(name)));
  return targets.some((target) => target.includes(".") && names.some((name) => lies(name, target)));
}

/** Keys directly below an object, each with what is behind it in one of the paths. */
function fieldsBelow(texts: readonly string[], object: string): (readonly [key: string, rest: Path])[] {
  return texts
    .filter((text) => lies(text, object))
    .map((text) => {
      const [key = "", ...rest] = text.slice(object.length + 1).split(".");
      return [key, rest] as const;
    });
}

/** What a `foreach` names: objects of which it matters whether they are there, and fields that it writes. */
function namedBy(step: CompiledStep, texts: readonly string[]): { objects: string[]; paths: Path[] } {
  const { source } = step.step.foreach!;
  const fields = fieldsBelow(texts, source);
  const rounds = roundsOf(step);
  const paths = fields.flatMap(([key, rest]) => {
    const target = rounds?.kind === "spread" ? rounds.of(key)?.target : undefined;
    return target ? [[...target, ...rest]] : [];
  });
  return { paths, objects: objectsIn(texts, source) };
}

/** The object that a step puts whole into another place, and that place; none where a step wants one of them as a value. */
function movedBy({ step }: CompiledStep, texts: readonly string[]): [from: string, to: string][] {
  const move = moveOf(step);
  if (!move) return [];
  const [from, to] = [textOf(move.from), textOf(move.to)];
  const isValue = texts.some((text) => [from, to].some((object) => text === object || lies(object, text)));
  return isValue ? [] : [[from, to]];
}

/** Objects directly below one, of which a step names fields. */
const objectsIn = (texts: readonly string[], object: string): string[] =>
  fieldsBelow(texts, object)
    .flatMap(([key, rest]) => (rest.length > 0 ? `${object}.${key}` : []))
    .filter((own) => !texts.includes(own));

/**
 * Slots for the fields that the steps of a block name: fewer than the plain program has, which knows no step inside another. An object of
 * which steps ask only whether it is there, or which they take away, has none where others name what is below it: each of its
 * fields has one.
 */
export function layoutOf(steps: readonly CompiledStep[]): Layout {
  const all = steps.flatMap(withInner);
  const own = all.map((step) => ({ step, paths: ownPathsOf(step) }));
  const wheres = all.flatMap(({ where, conditions }) => [where, ...conditions].filter((one) => !!one));
  // Mostly nothing is deeper than a field of an object, and then there are no objects to be told.
  const isDeep =
    own.some(({ paths }) => paths.some((path) => path.length > 2)) ||
    wheres.some(({ paths }) => paths.some((path) => splitPath(path).length > 2));
  const asked = new Set<string>();
  const light: Path[] = all.flatMap(({ step: { delete: remove, foreach, expand } }) => {
    const taken = (remove?.fields ?? []).filter((name) => !isObjectName(name));
    const objects = [foreach?.source, expand && sanitizeName(expand.to).join(".")];
    return [...taken, ...objects.filter((name) => name !== undefined)].map(splitPath);
  });
  const read: Path[] = [];
  for (const where of wheres) {
    const tops = askedOnly(where);
    for (const top of tops) asked.add(top);
    if (!readsOnlyFields(where)) continue;
    const there = isDeep ? onlyWhetherThere(where) : [];
    for (const path of where.paths)
      if (!tops.includes(path)) (there.includes(path) ? light : read).push(splitPath(path));
  }
  const named = [...own.flatMap(({ paths }) => paths), ...read].map((path) => textOf(upToList(path)));
  const written = own.flatMap(({ step, paths }) => (overwrites(step, named) ? [] : paths));
  const values = [...written, ...read].map(upToList);
  if ([...values, ...light].some((path) => path.some((key) => key.includes("."))))
    throw new NoBlock("it names a field with a dot in it");
  const texts = [...new Set(values.map(textOf))];
  const moves = own.flatMap(({ step }) => (overwrites(step, named) ? movedBy(step, texts) : []));
  const isObject = (path: Path): boolean => {
    if (!isDeep || path.length === 1) return false;
    const text = textOf(path);
    if (texts.some((other) => other === text || lies(text, other))) return false;
    return texts.some((other) => lies(other, text)) || moves.some((move) => move.includes(text));
  };
  const fields = [...values, ...light.filter((path) => !isObject(path)).map(upToList)];
  const ends = [...new Set(fields.map(textOf))];
  const loops = all.flatMap((step) => (step.step.foreach ? namedBy(step, ends) : []));
  const paths = [...fields, ...loops.flatMap((loop) => loop.paths)];
  // Also of what is taken away as a whole it matters whether it is there.
  const split = new Set(paths.flatMap(([first, second]) => (second === undefined ? [] : [first])));
  const whole = all.flatMap(wholeObjects).filter((name) => split.has(name));
  const objects = [
    ...light.filter(isObject).map(textOf),
    ...loops.flatMap(({ objects }) => objects),
    ...moves.flatMap(([from, to]) => [from, to, ...objectsIn(ends, from)]),
  ];
  return new Layout(paths, all.some(isNaming), new Set([...asked, ...whole, ...objects]), false, true);
}
