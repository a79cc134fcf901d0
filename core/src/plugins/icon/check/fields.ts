import type { Findings } from "../findings.ts";
import { fitsShape } from "../schema/sample.ts";
import type { IconField, IconFields } from "../spec/model.ts";
import { innermost } from "../spec/types.ts";
import { checkDescription } from "./texts.ts";
import { titleFault } from "./words.ts";

/** Where fields stand: what is asked of them differs. */
type Where = "input" | "output" | "type";

/** Checks every field of a section. */
export function checkFields(fields: IconFields, path: string, where: Where, findings: Findings): void {
  const orders = new Map<number, string>();
  for (const field of fields.values()) {
    checkTexts(field, where, findings);
    checkRequired(field, where, findings);
    checkValues(field, where, findings);
    const order = field.source.entries.get("order");
    if (!order) continue;
    const { value } = order;
    const other = orders.get(field.order);
    if (value.kind !== "scalar" || !Number.isInteger(value.value) || Number(value.value) < 1)
      findings.add("field.order", value.place, `${field.path}.order`, "It is not a whole number from 1.");
    else if (other !== undefined)
      findings.add("field.order", value.place, `${field.path}.order`, `${path}.${other} has the same place.`);
    else orders.set(field.order, field.name);
  }
}

function checkTexts(field: IconField, where: Where, findings: Findings): void {
  const { title, description, place, path, source } = field;
  if (title === undefined && where !== "type") findings.add("title.missing", place, path, "It has no title.");
  const fault = title === undefined || title === "" ? undefined : titleFault(title);
  if (fault) {
    const at = source.entries.get("title")?.value.place ?? place;
    findings.add("title.form", at, `${path}.title`, `The title should be different: ${fault}.`);
  }
  if (where === "type") return;
  if (description === undefined || description === "")
    findings.add("description.missing", place, path, "It has no description.");
  else checkDescription(description, source.entries.get("description")?.value.place ?? place, path, findings);
}

function checkRequired({ source, place, path }: IconField, where: Where, findings: Findings): void {
  const entry = source.entries.get("required");
  if (!entry) {
    // Thousands of fields of types have none, and nothing reads it there.
    if (where !== "type")
      findings.add("field.required", place, path, '"required" is missing.', "Write true or false.");
    return;
  }
  const { value } = entry;
  if (value.kind !== "scalar" || typeof value.value !== "boolean")
    findings.add(
      "field.required",
      value.place,
      `${path}.required`,
      "It is not true or false, so it counts as false.",
    );
}

function checkValues(field: IconField, where: Where, findings: Findings): void {
  const { type, path, source, place } = field;
  const at = (key: string) => source.entries.get(key)?.value.place ?? place;
  const fits = (value: IconField["default"]): boolean =>
    value === undefined || value === null || fitsShape(type, value);
  if (!fits(field.default))
    findings.add("field.default_type", at("default"), `${path}.default`, `It is no value of its type.`);
  if (field.example === undefined) {
    if (where === "input") findings.add("field.example", place, path, "It has no example.");
  } else if (!fits(field.example))
    findings.add("field.example_type", at("example"), `${path}.example`, `It is no value of its type.`);
  checkSecret(field, findings);
  const listed = source.entries.get("enum");
  if (!listed) return;
  if (listed.value.kind !== "list") {
    findings.add("field.enum", listed.value.place, `${path}.enum`, "It is not a list.");
    return;
  }
  const values = field.enum ?? [];
  const inside = type.kind === "list" ? type.of : type;
  for (const [index, value] of values.entries())
    if (!fitsShape(inside, value)) {
      const where = listed.value.items[index]?.place ?? listed.place;
      findings.add("field.enum", where, `${path}.enum[${index}]`, "It is no value of the field's type.");
    }
  const given = field.default;
  if (given !== undefined && given !== null && type.kind !== "list" && !values.includes(given))
    findings.add("field.enum", at("default"), `${path}.default`, "The default is not one of the choices.");
}

const looksSecret =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{200}|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b|\bxox[bp]-\d{10,}-/;

/** Default credentials, and examples that look like real keys. */
function checkSecret(field: IconField, findings: Findings): void {
  const { type, path, source, place } = field;
  const inner = innermost(type);
  const isSecret =
    inner.kind === "builtin" && (inner.name === "password" || inner.name.startsWith("credential_"));
  if (isSecret && field.default !== undefined && field.default !== null && field.default !== "") {
    const at = source.entries.get("default")?.place ?? place;
    findings.add("secret.example", at, `${path}.default`, "A secret has a default, which everyone then has.");
  }
  const text = JSON.stringify(field.example ?? "").slice(0, 20_000);
  if (looksSecret.test(text.replaceAll("\\n", "\n"))) {
    const at = source.entries.get("example")?.place ?? place;
    findings.add("secret.example", at, `${path}.example`, "It looks like a real key.");
  }
}
