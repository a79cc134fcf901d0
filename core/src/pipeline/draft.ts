import type { JsonObject } from "./paths/index.ts";
import type { DynamicAnswer } from "./steps/dynamic-host.ts";

/** Most error texts that one event carries; the rest is only counted. */
export const MAX_ERRORS = 64;

/** A log while the steps of a pipeline change it. */
export interface Draft {
  /** The log as JSON: id, dataType, dataSource, @timestamp, tenantId, raw and what steps added. */
  root: JsonObject;
  readonly errors: string[];
  /** Set by the drop step: the draft makes no event. */
  dropped: boolean;
  /** True for a log whose steps are watched, because its line is long. */
  readonly long?: boolean;
  /** What the plugin of the next step, a dynamic one, has answered, or why there is no answer. */
  answer?: DynamicAnswer | Error | undefined;
  /** Items that `foreach` steps went through. */
  rounds?: number;
}

/** Notes what went wrong; beyond the bound the last entry says that there was more. */
export function addError(errors: string[], message: string): void {
  if (errors.length < MAX_ERRORS) errors.push(message);
  else errors[MAX_ERRORS - 1] = "More errors were left out.";
}
