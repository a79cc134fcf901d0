import { loadWorkflows } from "@vedette/collector/respond";
import { tell } from "../check/tell.ts";
import { actionsWith } from "./known.ts";

/** The options of `vedette workflow check`. */
export interface CheckOptions {
  readonly plugins: string[];
  readonly json?: true;
}

/** Does what `vedette workflow check` says. */
export function checkWorkflows(files: readonly string[], { plugins, ...options }: CheckOptions): void {
  const { workflows, problems } = loadWorkflows(files, { actions: actionsWith(plugins) });
  tell(problems, `${workflows.length} workflows`, options);
}
