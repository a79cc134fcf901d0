import type { CelProgram } from "@vedette/core/pipeline";
import type { AlertTemplate, Search } from "../correlate/index.ts";

/** A rule made ready to run. */
export interface Rule extends AlertTemplate {
  readonly dataTypes: readonly string[];
  readonly where: CelProgram;
  readonly afterEvents: readonly Search[];
  /** Where it is written, for messages. */
  readonly place: { readonly file: string; readonly line: number };
}
