import { nearest } from "@vedette/core/config";
import { badParameter } from "../problem.ts";
import { type Binder, quoted } from "../search/index.ts";

/** Adds the condition that a column has one of the values; one that is unknown is a problem with a suggestion. */
export function addChoice(
  where: string[],
  bind: Binder,
  name: string,
  values: readonly string[] | undefined,
  known: readonly string[],
): void {
  if (values === undefined || values.length === 0) return;
  const wrong = values.find((value) => !known.includes(value));
  if (wrong !== undefined) {
    const suggestion = nearest(wrong, known);
    throw badParameter(name, `There is no ${name} "${wrong}".`, {
      ...(suggestion === undefined ? {} : { suggestion }),
      cure: `Use one of ${known.join(", ")}.`,
    });
  }
  where.push(`${quoted(name)} IN ${bind.add("Array(String)", values)}`);
}
