import type { AlertTemplate } from "../alert.ts";
import type { Measure } from "./measure.ts";
import type { Term } from "./occurrence.ts";
import type { Measured, ValueAt } from "./values.ts";
import type { Shape } from "./window.ts";

/** One of the rules or correlations that a correlation looks at. */
export interface Member {
  /** Id of a rule or of another correlation. */
  readonly ref: string;
  /** How messages name it. */
  readonly label: string;
  readonly isCorrelation: boolean;
  /** Where the values are that name the group, in the order of `groupBy`. */
  readonly group: readonly ValueAt[];
  /** Where the measured value is; several are counted by what they are together. */
  readonly fields: readonly ValueAt[];
}

/** What a correlation asks of the events of a group. */
export type Question =
  | {
      readonly kind: "measure";
      /** What is measured: nothing but their number, a text, a number, or which member it is. */
      readonly of: Measured;
      readonly measures: readonly Measure[];
      readonly shape: Shape;
    }
  | { readonly kind: "occurrence"; readonly ordered: boolean; readonly terms: readonly Term[] };

/** A correlation made ready to run, whichever language it is written in. */
export interface Correlation {
  readonly template: AlertTemplate;
  readonly members: readonly Member[];
  /** Names of the group's values, for messages. */
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  readonly question: Question;
  /** Whether it raises alerts of its own. */
  readonly raises: boolean;
  /** Where alerts wait for each other by a value of the event and not by group: its path. */
  readonly cooldownBy?: string | undefined;
  /** Names all correlations that are linked by looking at each other: what they remember is in one place. */
  readonly cluster: string;
  /** Where it is written, for messages. */
  readonly place: { readonly file: string; readonly line: number };
}

/** How far back events may be looked at for it, by event time: windows of the last ones, and what was raised for them. */
export const neededMs = ({ timespanMs }: Correlation): number => 2 * timespanMs;
