import type { ComponentChildren } from "preact";
import type { Answer } from "../lib/use-query.ts";
import { refresh } from "../state/refresh.ts";
import { isRefused, Refusal } from "./form/refusal.tsx";
import { Failed } from "./state-box.tsx";

interface AnsweredProps<T> {
  readonly answer: Pick<Answer<T>, "data" | "problem">;
  readonly children: (data: T) => ComponentChildren;
}

/**
 * What came of a question to the API: the answer, a quiet placeholder until it is there, what went wrong, or the wish for
 * another key. An answer stays where asking again failed, so that nothing is lost that somebody types.
 */
export function Answered<T>({ answer: { data, problem }, children }: AnsweredProps<T>) {
  if (data !== undefined) return <>{children(data)}</>;
  if (problem === undefined) return <div class="skeleton" />;
  return isRefused(problem) ? <Refusal problem={problem} onKey={refresh} /> : <Failed problem={problem} />;
}
