import type { Doc } from "@vedette/core/pipeline";
import type { Filter } from "./filter.ts";

/** What must hold of an event for a rule to match, whichever language the rule is written in. */
export interface Condition {
  /** Paths that it reads, each once. */
  readonly paths: readonly string[];
  /** What must hold for `test` to be true, in parts that are asked of columns. */
  readonly filter: Filter;
  /** Throws on a fault such as a division by zero; a rule that does so five times is switched off. */
  test(doc: Doc): boolean;
  /** The same in parts that a person can follow. Does not throw. */
  explain(doc: Doc): Explanation;
}

/** Whether a part of a condition held for an event, and why. */
export interface Explanation {
  /** The part as it is written. */
  readonly said: string;
  readonly held: boolean;
  /** Why it could not be decided. */
  readonly fault?: string;
  /** What was read of the event; an absent value is left out. */
  readonly values?: readonly { readonly path: string; readonly value?: unknown }[];
  readonly parts?: readonly Explanation[];
}
