import type { Expr } from "../../cel/ast.ts";
import type { CelProgram } from "../../cel/index.ts";
import { eventTree } from "../../event-tree.ts";
import { splitPath } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { isPlain } from "./constants.ts";
import { isNaming, pathsOf, wholeObjects } from "./forms.ts";

type Path = readonly string[];

const isSame = (one: Path, other: Path): boolean =>
  one.length === other.length && one.every((name, at) => name === other[at]);

/** What a step names, apart: each field that a grok fills asks it of all steps behind. */
interface Named {
  readonly conditions: readonly CelProgram[];
  /** Fields of a cast to a number that happens to every row. */
  readonly numbers: readonly Path[];
  readonly fields: readonly Path[];
  readonly isNaming: boolean;
}

const known = new WeakMap<CompiledStep, Named>();

function namedOf(compiled: CompiledStep): Named {
  const found = known.get(compiled);
  if (found) return found;
  const { step, where } = compiled;
  const { cast, delete: remove, grok, foreach } = step;
  const isNumber = cast !== undefined && (cast.to.startsWith("int") || cast.to.startsWith("float"));
  const named: Named = {
    conditions: conditionsOf(compiled).filter((one) => one !== undefined),
    numbers: isNumber && !where ? cast.fields.map(splitPath) : [],
    fields: grok
      ? [splitPath(grok.source)]
      : remove
        ? wholeObjects(compiled).map((name) => [name])
        : foreach
          ? [splitPath(foreach.source)]
          : pathsOf(compiled),
    isNaming: isNaming(compiled),
  };
  known.set(compiled, named);
  return named;
}

const splitPaths = new WeakMap<CelProgram, readonly Path[]>();

function pathsIn(program: CelProgram): readonly Path[] {
  const found = splitPaths.get(program) ?? program.paths.map(splitPath);
  splitPaths.set(program, found);
  return found;
}

/** True where an answer depends on the value of a field, and not only on whether there is one or whether it is some word. */
function readsValue(program: CelProgram, path: Path): boolean {
  const { ast } = program;
  if (!pathsIn(program).some((one) => isSame(one, path))) return false;
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
  const named = namedOf(compiled);
  if (named.conditions.some((one) => readsValue(one, path))) return "text";
  if (named.numbers.some((field) => isSame(field, path))) return "number";
  if (named.isNaming) return "text";
  return named.fields.some((one) => one.every((name, at) => path[at] === name)) ? "text" : undefined;
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
