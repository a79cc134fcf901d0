import { listOf, mapOf, textOf } from "./loose.ts";

/** Writes the tree that a file holds under `expression` as text; undefined where it holds none, or one that cannot be read. */
export function expressionText(value: unknown, depth = 0): string | undefined {
  const node = mapOf(value);
  if (depth > 100) return undefined;
  const deeper = (each: unknown): string | undefined => expressionText(each, depth + 1);
  switch (node["type"]) {
    case "literal":
      return JSON.stringify(node["value"] ?? null);
    case "variable":
      // Names with dots in them cannot be told apart here; the text beside the tree can.
      return `{{${textOf(node["name"])
        .split(".")
        .map((each) => `[${each}]`)
        .join(".")}}}`;
    case "regexp":
      return `/${textOf(node["regexp"]).replaceAll("/", "\\/")}/`;
    case "array":
      return all(
        listOf(node["elements"] ?? node["items"] ?? node["value"]).map(deeper),
        (each) => `[${each.join(", ")}]`,
      );
    case "function":
      return all(listOf(node["args"]).map(deeper), (each) => `${textOf(node["name"])}(${each.join(", ")})`);
    case "unary":
      return all(
        [deeper(node["right"] ?? node["arg"] ?? node["expr"] ?? node["operand"])],
        ([each]) => `NOT (${each})`,
      );
    case "binary":
      return all(
        [deeper(node["left"]), deeper(node["right"])],
        ([left, right]) => `(${left} ${textOf(node["op"])} ${right})`,
      );
    default:
      return undefined;
  }
}

const all = (
  parts: readonly (string | undefined)[],
  join: (parts: readonly string[]) => string,
): string | undefined => (parts.every((each) => each !== undefined) ? join(parts as string[]) : undefined);

/** The expression of a step's parameter: its text, or else its tree as text; undefined where there is none. */
export function conditionOf(parameter: unknown): string | undefined {
  const { expressionText: text, expression } = mapOf(parameter) as {
    expressionText?: unknown;
    expression?: unknown;
  };
  const written = textOf(text).trim();
  // A comparison with a regular expression or list keeps its brackets: the printed tree has them around binaries only.
  return written !== "" ? written : expressionText(expression);
}
