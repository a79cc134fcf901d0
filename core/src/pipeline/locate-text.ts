import { isScalar } from "yaml";
import { locate, type Source } from "../config/index.ts";
import type { Place } from "./cel/errors.ts";

/**
 * The place in a file of a place inside a text value, such as an expression. Exact for one-line values and literal
 * blocks; elsewhere (folded text, escapes) the start of the line or value.
 */
export function locateText(source: Source, path: readonly PropertyKey[], inside: Place): Place {
  const start = locate(source, path);
  const node: unknown = source.document.getIn(path, true);
  if (!isScalar(node) || typeof node.value !== "string") return start;
  const { type } = node;
  if (type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED") {
    const line = start.line + inside.line;
    const [from, to] = [source.lines.lineStarts[start.line], source.lines.lineStarts[start.line + 1]];
    const first = node.value.split("\n", 1)[0] ?? "";
    // The first line of the block is longer in the file than in the value by its indentation.
    const indent =
      type === "BLOCK_LITERAL" && from !== undefined && to !== undefined ? to - from - 1 - first.length : 0;
    return { line, column: inside.column + Math.max(0, indent) };
  }
  if (node.value.includes("\n") || inside.line > 1) return start;
  const quote = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE" ? 1 : 0;
  return { line: start.line, column: start.column + quote + inside.column - 1 };
}
