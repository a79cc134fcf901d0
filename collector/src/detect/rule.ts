import type { AlertTemplate, Correlation, Search } from "../correlate/index.ts";
import type { Condition } from "./condition.ts";

/** A rule made ready to run. */
export interface Rule extends AlertTemplate {
  readonly language: "eventprocessor" | "sigma" | "insight";
  /** What other rules may call it: its id, and the name it has for that where there is one. */
  readonly names: readonly string[];
  readonly tags: readonly string[];
  /** Data types it looks at; `*` for all. */
  readonly dataTypes: readonly string[];
  readonly where: Condition;
  readonly afterEvents: readonly Search[];
  /** Where the value of a field of its language is in events; the path itself where left out. */
  readonly pathsOf?: (field: string) => readonly string[];
  /** What it asks of the matches of other rules. It then looks at no event itself. */
  readonly correlation?: Correlation;
  /** It raises no alert; only who listens hears of its matches. */
  readonly silent?: boolean;
  /** Of all that decides what it means, as it is written: equal where it means the same. */
  readonly digest: string;
  /** Where it is written, for messages. */
  readonly place: { readonly file: string; readonly line: number };
}

/** Whether a rule looks at events of a data type. */
export const looksAt = ({ dataTypes }: Rule, dataType: string): boolean =>
  dataTypes.includes(dataType) || dataTypes.includes("*");
