import { printYaml } from "@vedette/core/config";
import type { WorkflowDoc } from "../workflow/index.ts";

/** A workflow in our own YAML, without what says no more than a default does. */
export function printWorkflow(doc: WorkflowDoc): string {
  const { limits, trigger, ...rest } = doc;
  const { concurrency, perMinute, timeoutSeconds, maxSteps } = limits;
  const usual = concurrency === 10 && perMinute === 600 && timeoutSeconds === 604_800 && maxSteps === 10_000;
  const { steps, ...head } = rest;
  return printYaml({
    ...head,
    ...(trigger === "trigger" ? {} : { trigger }),
    ...(usual ? {} : { limits }),
    steps,
  });
}
