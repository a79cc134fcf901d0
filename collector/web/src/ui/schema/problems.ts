import type { ApiProblem, FieldProblem } from "../../api/problem.ts";
import { type Changes, shownFields } from "../form/field.ts";
import { pathOf, type SchemaField } from "./schema-fields.ts";

const prefix = "settings.";

/** What the collector says about a part of the settings, at the field that asks for it. */
export function placed(
  problem: ApiProblem | undefined,
  fields: readonly SchemaField[],
  changes: Changes,
): readonly FieldProblem[] {
  const { parameter, message } = problem ?? {};
  if (parameter === undefined || message === undefined) return [];
  const path = parameter.startsWith(prefix) ? parameter.slice(prefix.length) : parameter;
  const shown = shownFields(fields, changes) as readonly SchemaField[];
  const field =
    shown.find(({ steps, key }) => pathOf(steps) === path || key === path) ??
    shown.find(({ steps }) => path.startsWith(`${pathOf(steps)}.`));
  return [{ key: field?.key ?? "", message }];
}
