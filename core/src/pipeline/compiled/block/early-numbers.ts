import type { Expr } from "../../cel/ast.ts";
import type { CelProgram } from "../../cel/index.ts";
import { eventTree } from "../../event-tree.ts";
import { splitPath } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { isPlain } from "./constants.ts";
import { isNaming, pathsOf, wholeObjects } from "./forms.ts";

type Path = readonly string[];

const isSame = (one: Path, other: Path): boolean => one.join(".") === other.join(".");

/** True where an answer depends on the value of a field, and not only on whether there is one or whether it is some word. */
function readsValue({ ast, paths }: CelProgram, path: Path): boolean {
  if (!paths.some((one) => isSame(splitPath(one), path))) return false;
  const asks = (expr: unknown): boolean => {
    if (typeof expr !== "object" || expr === null) return false;
    const node = expr as Partial<Expr>;
    if (node.kind === "call" && !node.target) {
      const [first, second] = node.args ?? [];
      const field = first?.kind === "literal" ? first.value : undefined;
      if (typeof field === "string" && isSame(splitPath(field), path)) {
        if (node.name === "exists") return false;
        // No number is a word.
        return !(node.name === "equals" && second?.kind === "literal" && isPlain(second.value));
      }
    }
    if (node.kind === "ident" || node.kind === "select" || node.kind === "index") return true;
    return Object.values(expr).some(asks);
  };
  return asks(ast);
}

const conditionsOf = (step: CompiledStep): readonly (CelProgram | undefined)[] => [
  step.where,
  ...step.conditions,
  ...step.nested.flatMap(conditionsOf),
];

/** What becomes of a field in a step: its texts are made numbers, or it may be read as a text, or neither. */
function fateOf(compiled: CompiledStep, path: Path): "number" | "text" | undefined {
  const { step, where } = compiled;
  const { cast, delete: remove, grok } = step;
  if (conditionsOf(compiled).some((one) => one && readsValue(one, path))) return "text";
  const isNumber = cast !== undefined && (cast.to.startsWith("int") || cast.to.startsWith("float"));
  if (isNumber && !where && cast.fields.some((field) => isSame(splitPath(field), path))) return "number";
  const named = grok
    ? [splitPath(grok.source)]
    : remove
      ? wholeObjects(compiled).map((name) => [name])
      : pathsOf(compiled);
  if (isNaming(compiled)) return "text";
  return named.some((one) => one.every((name, at) => path[at] === name)) ? "text" : undefined;
}

/** True where the column of a field takes numbers alone. */
function isNumeric([first, second, ...more]: Path): boolean {
  const own = eventTree.get(first ?? "");
  const node = second === undefined ? own : own?.children.get(second);
  return more.length === 0 && (node?.kind === "u32" || node?.kind === "f64");
}

/**
 * True where a text of digits that a step puts into a field may be a number at once: later steps, or the column, make it one before
 * anything reads it as a text.
 */
export function becomesNumber(later: readonly CompiledStep[], path: Path): boolean {
  for (const step of later) {
    const fate = fateOf(step, path);
    if (fate) return fate === "number";
  }
  return isNumeric(path);
}
