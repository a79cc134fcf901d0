import type { Findings } from "../findings.ts";
import { componentsOf, type IconComponent, type IconSpec } from "../spec/model.ts";
import { checkFields } from "./fields.ts";
import { checkDescription } from "./texts.ts";
import { isSnakeCase, snakeCase, titleFault } from "./words.ts";

/** Actions, triggers, tasks, the connection and the types. */
export function checkComponents(spec: IconSpec, findings: Findings): void {
  for (const component of componentsOf(spec)) {
    checkComponent(component, findings);
    const { input, output, state, path } = component;
    checkFields(input, `${path}.input`, "input", findings);
    checkFields(output, `${path}.output`, "output", findings);
    checkFields(state, `${path}.state`, "type", findings);
  }
  checkFields(spec.connection ?? new Map(), "connection", "input", findings);
  for (const [name, fields] of spec.types) checkFields(fields, `types.${name}`, "type", findings);
}

function checkComponent(component: IconComponent, findings: Findings): void {
  const { kind, id, place, path, title, description, source, output } = component;
  if (!isSnakeCase(id)) {
    const suggestion = `Write ${snakeCase(id) || "a name of letters"}.`;
    findings.add("name.component", place, path, `"${id.slice(0, 80)}" is not snake case.`, suggestion);
  }
  const at = (key: string) => source.entries.get(key)?.value.place ?? place;
  if (title === "") findings.add("title.missing", place, path, "It has no title.");
  const titleWrong = title === "" ? undefined : titleFault(title);
  if (titleWrong)
    findings.add("title.form", at("title"), `${path}.title`, `The title should be different: ${titleWrong}.`);
  if (description === "") findings.add("description.missing", place, path, "It has no description.");
  else checkDescription(description, at("description"), path, findings);
  if (kind !== "task") {
    if (!source.entries.has("output")) findings.add("component.section", place, path, "It has no output.");
    return;
  }
  const [only] = output.values();
  if (output.size !== 1 || (only && only.type.kind !== "list" && !isArray(only.type)))
    findings.add("task.output", at("output"), `${path}.output`, "A task gives one field, a list.");
}

const isArray = (type: { readonly kind: string; readonly name?: string }): boolean =>
  type.kind === "builtin" && type.name === "array";
