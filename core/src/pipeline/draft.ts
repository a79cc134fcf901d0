import type { JsonObject } from "./paths/index.ts";

/** Most error texts that one event carries; the rest is only counted. */
export const MAX_ERRORS = 64;

/** A log while the steps of a pipeline change it. */
export interface Draft {
  /** The log as JSON: id, dataType, dataSource, @timestamp, tenantId, raw and what steps added. */
  readonly root: JsonObject;
  readonly errors: string[];
  /** Set by the drop step: the draft makes no event. */
  dropped: boolean;
  /** True for a log whose steps are watched, because its line is long. */
  readonly long?: boolean;
  /** Items that `foreach` steps went through. */
  rounds?: number;
}

/** Notes what went wrong; beyond the bound the last entry says that there was more. */
export function addError(errors: string[], message: string): void {
  if (errors.length < MAX_ERRORS) errors.push(message);
  else errors[MAX_ERRORS - 1] = "More errors were left out.";
}
