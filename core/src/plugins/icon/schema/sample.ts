import type { IconField, IconFields, IconSpec } from "../spec/model.ts";
import type { Json } from "../spec/tree.ts";
import type { IconType } from "../spec/types.ts";
import { definitionOf, type JsonSchema } from "./builtin.ts";

/** How far types inside types are shown. */
const deepest = 4;

/** A value of each field that fits its schema: its example, its default, its first choice, or an empty one of its type. */
export function sampleOf(spec: IconSpec, fields: IconFields, depth = 0): Record<string, Json> {
  const shown = [...fields.values()].filter((field) => depth < deepest || field.required);
  return Object.fromEntries(shown.map((field) => [field.name, sampleField(spec, field, depth)]));
}

function sampleField(spec: IconSpec, field: IconField, depth: number): Json {
  for (const given of [field.example, field.default, field.enum?.[0]])
    if (given !== undefined && fitsShape(field.type, given)) return given;
  return emptyOf(spec, field.type, depth);
}

function emptyOf(spec: IconSpec, type: IconType, depth: number): Json {
  if (type.kind === "list") return [];
  if (type.kind === "unknown") return "";
  if (type.kind === "custom") {
    // A type that needs itself has no end; it is left open there.
    return depth > 2 * deepest ? {} : sampleOf(spec, spec.types.get(type.name) ?? new Map(), depth + 1);
  }
  return simple[type.name] ?? "";
}

const simple: Readonly<Record<string, Json>> = {
  integer: 0,
  number: 0,
  boolean: false,
  object: {},
  array: [],
  file: { filename: "note.txt", content: "bm90ZQo=" },
  credential_username_password: { username: "", password: "" },
  credential_secret_key: { secretKey: "" },
  credential_token: { token: "", domain: "" },
  credential_asymmetric_key: { privateKey: "" },
};

/** Whether a value has the kind that JSON Schema wants of this type; custom types are not looked into. */
export function fitsShape(type: IconType, value: Json): boolean {
  if (type.kind === "unknown") return true;
  if (type.kind === "list")
    return Array.isArray(value) && value.every((each) => fitsShape(type.of, each as Json));
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  if (type.kind === "custom") return isMap;
  switch (type.name) {
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value);
    case "string":
    case "date":
    case "bytes":
    case "password":
    case "python":
      return typeof value === "string";
    default:
      return isMap && textsFit(definitionOf(type.name), value as Readonly<Record<string, Json>>);
  }
}

/** Whether a map has the texts that a built-in type asks for, and nothing else in their place. */
function textsFit(
  { properties = {}, required = [] }: JsonSchema,
  value: Readonly<Record<string, Json>>,
): boolean {
  const missing = (required as readonly string[]).some((key) => !Object.hasOwn(value, key));
  const texts = Object.keys(properties as object);
  return !missing && texts.every((key) => !Object.hasOwn(value, key) || typeof value[key] === "string");
}
