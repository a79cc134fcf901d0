import { messageOf } from "@vedette/sdk";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { JsonSchema } from "./builtin.ts";

/** Says what is wrong with a value, one sentence each; nothing when it fits. Sentences quote no values. */
export type Validate = (value: unknown) => readonly string[];

/** Sentences told of one value. */
const maxTold = 10;

/** What of a schema decides; the rest (titles, formats, defaults, `id`) is for people and is never checked by the vendor. */
const deciding = ["type", "enum", "required", "$ref"];

/**
 * Makes a validator of a compiled schema. Formats are not checked, as the vendor's runtime does not check them. Never
 * throws: a schema that cannot be compiled refuses everything and says so.
 */
export function validatorOf(schema: JsonSchema): Validate {
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    allErrors: true,
    logger: false,
    messages: true,
  });
  let check: ValidateFunction;
  try {
    check = ajv.compile(bare(schema));
  } catch (error) {
    const sentence = `The schema cannot be used: ${messageOf(error)}.`;
    return () => [sentence];
  }
  return (value) => {
    try {
      return check(value) ? [] : told(check.errors ?? []);
    } catch (error) {
      // A value nested a million times exhausts the stack.
      return [`The value cannot be checked: ${messageOf(error)}.`];
    }
  };
}

/** The schema without what does not decide. */
function bare(schema: JsonSchema): JsonSchema {
  const kept: Record<string, unknown> = {};
  for (const key of deciding) if (schema[key] !== undefined) kept[key] = schema[key];
  const enumeration = kept["enum"];
  // An empty list of choices is no list of choices.
  if (Array.isArray(enumeration)) {
    if (enumeration.length === 0) delete kept["enum"];
    else kept["enum"] = [...new Map(enumeration.map((each) => [JSON.stringify(each), each])).values()];
  }
  if (schema["items"] !== undefined) kept["items"] = bare(schema["items"] as JsonSchema);
  for (const key of ["properties", "definitions"]) {
    const map = schema[key] as Readonly<Record<string, JsonSchema>> | undefined;
    if (map) kept[key] = Object.fromEntries(Object.entries(map).map(([name, each]) => [name, bare(each)]));
  }
  return kept;
}

function told(errors: readonly ErrorObject[]): string[] {
  const sentences = [...new Set(errors.map(sentenceOf))];
  if (sentences.length <= maxTold) return sentences;
  return [...sentences.slice(0, maxTold), `And ${sentences.length - maxTold} more.`];
}

function sentenceOf({ keyword, instancePath, params, message }: ErrorObject): string {
  const path = pathOf(instancePath);
  if (keyword === "required") return `${join(path, String(params["missingProperty"]))} is missing.`;
  const where = path || "It";
  if (keyword === "type") return `${where} is not ${article(String(params["type"]))}.`;
  if (keyword === "enum") {
    const values = (params["allowedValues"] as readonly unknown[]).map((each) => JSON.stringify(each));
    return `${where} is not one of ${values.slice(0, 20).join(", ")}.`;
  }
  return `${where} ${message ?? "does not fit"}.`;
}

const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);
const pathOf = (pointer: string): string =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".")
    .slice(0, 200);
const words: Readonly<Record<string, string>> = {
  object: "map",
  array: "list",
  string: "text",
  integer: "whole number",
};
const article = (type: string): string => {
  const word = words[type] ?? type;
  return word === "text" ? word : `a ${word}`;
};
