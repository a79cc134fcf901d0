import { z } from "zod";
import type { Draft } from "../draft.ts";
import { compileWrite, readKey } from "../paths/index.ts";
import type { NestedStep, NestedSteps } from "./nested.ts";
import type { RunStep, StepContext } from "./step.ts";

/** What happens when a step fails, beside its entry in `errors`. */
export const onErrorOf = (steps: NestedSteps) =>
  z
    .union([z.enum(["continue", "drop", "tag"]), steps])
    .optional()
    .describe(
      "What happens when the step fails, beside its entry in `errors`: `continue` with the next step, `drop` the log, `tag` it (`<kind>Failed` in the list `log.tags`), or these steps.",
    );

export type OnError = "continue" | "drop" | "tag" | readonly NestedStep[] | undefined;

const MAX_TAGS = 64;
const writeTags = compileWrite(["log", "tags"]);

function tag(draft: Draft, name: string): void {
  const known = readKey(draft.root.log, "tags");
  const tags = Array.isArray(known) ? (known as unknown[]) : known === undefined ? [] : [known];
  if (tags.includes(name) || tags.length >= MAX_TAGS) return;
  writeTags(draft.root, [...tags, name]);
}

/** A step that does what `onError` says before its fault goes on to the runner, which counts and tells it. */
export function withOnError(run: RunStep, kind: string, onError: OnError, context: StepContext): RunStep {
  if (onError === undefined || onError === "continue") return run;
  const steps = typeof onError === "string" ? undefined : context.steps(onError, ["onError"]);
  return (draft) => {
    try {
      return run(draft);
    } catch (error) {
      if (onError === "drop") draft.dropped = true;
      else if (onError === "tag") tag(draft, `${kind}Failed`);
      else steps?.run(draft);
      throw error;
    }
  };
}
