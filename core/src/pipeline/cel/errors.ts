import { VedetteError } from "@vedette/sdk";

/** Where in the expression something is: 1-based line and column, in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset in a source text. */
export function placeAt(source: string, offset: number): Place {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** A mistake in an expression, found when it is compiled. */
export class CelError extends VedetteError {
  readonly line: number;
  readonly column: number;
  readonly suggestion: string | undefined;
  constructor(message: string, place: Place, suggestion?: string) {
    super("config.invalid", message, { verdict: "stop" });
    this.name = "CelError";
    this.line = place.line;
    this.column = place.column;
    this.suggestion = suggestion;
  }
}

/** A fault while an expression ran on a document, such as a division by zero. */
export class CelRuntimeError extends VedetteError {
  constructor(message: string) {
    super("expression.failed", message, { verdict: "drop" });
    this.name = "CelRuntimeError";
  }
}
