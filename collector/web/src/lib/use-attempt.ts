import { useState } from "preact/hooks";
import type { ApiProblem } from "../api/problem.ts";

export interface Attempts {
  /** Why the last one did not come to pass. */
  readonly problem: ApiProblem | undefined;
  /** Does something that the API may refuse; what it says is kept. */
  attempt(work: () => Promise<unknown>): Promise<void>;
  /** Forgets the problem, as when another key was given. */
  clear(): void;
}

/** Changes asked of the API, and why the last was not made. */
export function useAttempt(): Attempts {
  const [problem, setProblem] = useState<ApiProblem>();
  return {
    problem,
    async attempt(work) {
      try {
        await work();
        setProblem(undefined);
      } catch (refused) {
        setProblem(refused as ApiProblem);
      }
    },
    clear: () => setProblem(undefined),
  };
}
