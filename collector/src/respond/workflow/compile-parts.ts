import { messageOf } from "@vedette/sdk";
import {
  type Expression,
  type Place,
  parseExpression,
  placeAt,
  SyntaxFault,
  variablesOf,
} from "../expression/index.ts";
import { type PatternOptions, parsePattern, type TextPattern } from "../pattern/index.ts";
import { compileInput, type Input, InputFault } from "../template/index.ts";
import type { DocPath, Places } from "./places.ts";

/** A variable that a step uses, and where. */
export interface Reference {
  /** The step that uses it. */
  readonly step: string;
  readonly path: readonly string[];
  readonly at: DocPath;
  readonly inside: Place;
  /** Only asked about with `is_defined` or `if_error`. */
  readonly guarded: boolean;
}

const always: Expression = { type: "literal", value: true, at: 0 };

/** Turns the texts of steps into what runs; mistakes are noted, and something harmless stands in their place. */
export class Parts {
  readonly references: Reference[] = [];
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  condition(text: string, step: string, at: DocPath): Expression {
    try {
      const expression = parseExpression(text);
      for (const { path, at: offset, guarded } of variablesOf(expression))
        this.references.push({ step, path, at, inside: placeAt(text, offset), guarded });
      return expression;
    } catch (error) {
      this.#note(error, at);
      return always;
    }
  }

  input(value: unknown, step: string, at: DocPath): Input {
    try {
      return compileInput(value, ({ path, key, place }) =>
        this.references.push({ step, path, at: [...at, ...key], inside: place, guarded: false }),
      );
    } catch (error) {
      if (!(error instanceof InputFault)) throw error;
      this.#note(error.fault, [...at, ...error.key]);
      return compileInput(null);
    }
  }

  pattern(text: string, options: PatternOptions, at: DocPath): TextPattern {
    try {
      return parsePattern(text, options);
    } catch (error) {
      this.#note(error, at);
      return { names: [], match: () => ({ $matched: false }) };
    }
  }

  #note(error: unknown, at: DocPath): void {
    if (!(error instanceof SyntaxFault)) throw error;
    this.#places.fault(at, messageOf(error), { suggestion: error.suggestion, inside: error.place });
  }
}
