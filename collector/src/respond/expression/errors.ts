import { VedetteError } from "@vedette/sdk";

/** A place in a text: 1-based line and column, in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset in a text. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/** A mistake in an expression, a template or a pattern, found when it is read. */
export class SyntaxFault extends VedetteError {
  readonly place: Place;
  readonly suggestion: string | undefined;
  constructor(message: string, place: Place, suggestion?: string) {
    super("config.invalid", message, { verdict: "stop" });
    this.name = "SyntaxFault";
    this.place = place;
    this.suggestion = suggestion;
  }
}

/** What went wrong while an expression or a template was evaluated, such as a variable that is not defined. */
export class EvaluationFault extends VedetteError {
  constructor(message: string, options?: ErrorOptions) {
    super("expression.failed", message, { verdict: "drop" }, options);
    this.name = "EvaluationFault";
  }
}
