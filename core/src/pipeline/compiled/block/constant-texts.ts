import { severities } from "@vedette/sdk";
import { longestConstant, mostConstants } from "../../../kernels/index.ts";
import { eventTree } from "../../event-tree.ts";
import { sanitizeName, textOf } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { hasPlaceholder } from "../../steps/template.ts";
import type { Layout, Slot } from "../layout.ts";
import { ownPathsOf } from "./forms.ts";
import { isAscii } from "./kinds.ts";

type Path = readonly string[];

const startsWith = (path: Path, begin: Path): boolean => begin.every((name, at) => path[at] === name);

const isSame = (one: Path, other: Path): boolean => one.length === other.length && startsWith(one, other);

/** True where one names the other, or something in it. */
const overlap = (one: Path, other: Path): boolean => startsWith(one, other) || startsWith(other, one);

/** Values that a step writes as they stand in it, by field. */
function* valuesOf({ step: { add, set, switch: choice } }: CompiledStep): Generator<[Path, unknown]> {
  if (add && (add.function === "string" || add.function === "set"))
    yield [sanitizeName(add.params.key), textOf(add.params.value)];
  for (const fields of [set?.fields, ...(choice?.cases.map((one) => one.set) ?? [])])
    for (const [name, value] of Object.entries(fields ?? {}))
      if (!hasPlaceholder(name)) yield [sanitizeName(name), value];
}

/** True where a column of texts takes all of some. */
function isTaken(path: Path, texts: ReadonlySet<string>): boolean {
  if (isSame(path, ["severity"])) return [...texts].every((text) => severities.includes(text as never));
  const own = eventTree.get(path[0]!);
  return (path.length === 1 ? own : own?.children.get(path[1]!))?.kind === "text";
}

/** What a step names: values that it writes as they stand in it, and these among all fields that it reads or writes. */
interface Named {
  readonly values: readonly (readonly [Path, unknown])[];
  readonly all: readonly Path[];
}

/** Once for each step, as each slot asks all of them. */
const namedBy = (step: CompiledStep): Named => ({
  values: [...valuesOf(step)],
  all: ownPathsOf(step),
});

const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && !hasPlaceholder(value) && isAscii(value);

/** The texts that a field may hold where nothing but texts of steps is written there, and nothing but conditions reads it. */
function textsOf(steps: readonly Named[], path: Path): string[] | undefined {
  const texts = new Set<string>();
  for (const { values } of steps)
    for (const [own, value] of values) {
      if (!isSame(own, path)) continue;
      if (!isText(value) || value.length > longestConstant) return undefined;
      texts.add(value);
    }
  if (texts.size === 0 || texts.size > mostConstants || !isTaken(path, texts)) return undefined;
  for (const { values, all } of steps) {
    const named = all.filter((own) => overlap(own, path)).length;
    if (named > 0 && named !== values.filter(([own]) => isSame(own, path)).length) return undefined;
  }
  return [...texts];
}

/** Slots that hold nothing but a few texts of steps, and the texts of each. `steps` has those inside others too. */
export function* constantTexts(
  steps: readonly CompiledStep[],
  layout: Layout,
): Generator<[Slot, readonly string[]]> {
  const named = steps.map(namedBy);
  for (const slot of layout.slots) {
    if (slot.path[0] === "log" || slot.path[0] === "raw") continue;
    const texts = textsOf(named, slot.path);
    if (texts) yield [slot, texts];
  }
}
