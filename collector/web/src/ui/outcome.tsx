import type { ApiProblem } from "../api/problem.ts";
import { isRefused, Refusal } from "./form/refusal.tsx";

/** Why a change was not made: another key is needed, or what the collector says. */
export const Outcome = ({ problem, onKey }: { problem: ApiProblem | undefined; onKey: () => void }) =>
  problem === undefined ? null : isRefused(problem) ? (
    <Refusal problem={problem} onKey={onKey} />
  ) : (
    <p class="case-problem" role="alert">
      {problem.message}
    </p>
  );
