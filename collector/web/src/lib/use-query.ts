import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api/client.ts";
import type { ApiProblem } from "../api/problem.ts";
import { refreshes } from "../state/refresh.ts";
import { apiKey } from "../state/session.ts";

export interface Answer<T> {
  /** The latest answer; the one before stays while the next is on its way, so that nothing jumps. */
  readonly data: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly loading: boolean;
}

interface Options {
  /** Milliseconds after which the question is asked again, while the page is seen. */
  readonly every?: number;
}

/** Asks the API for a path; again when the path changes, when everything is refreshed, and every so often. */
export function useQuery<T>(path: string | undefined, { every }: Options = {}): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ data: undefined, problem: undefined, loading: true });
  const [beat, setBeat] = useState(0);
  const asked = useRef<string | undefined>(undefined);
  const again = refreshes.value;
  const key = apiKey.value;

  useEffect(() => {
    if (path === undefined) return;
    const control = new AbortController();
    const changed = asked.current !== path;
    asked.current = path;
    if (changed) setAnswer((before) => ({ ...before, loading: true }));
    ask<T>(path, control.signal).then(
      (data) => setAnswer({ data, problem: undefined, loading: false }),
      (problem: ApiProblem) => {
        if (!control.signal.aborted) setAnswer((before) => ({ data: before.data, problem, loading: false }));
      },
    );
    return () => control.abort();
  }, [path, again, beat, key]);

  useEffect(() => {
    if (every === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setBeat((count) => count + 1);
    }, every);
    return () => clearInterval(timer);
  }, [every]);

  return answer;
}
