import { useEffect, useState } from "preact/hooks";
import { send } from "../api/client.ts";
import type { TestOutcome } from "../api/connection-types.ts";
import type { ApiProblem } from "../api/problem.ts";
import { t } from "../i18n/index.ts";
import { duration } from "../lib/format.ts";
import { ConditionBadge } from "./condition.tsx";

/** What to ask the collector for a test of what is typed, or of what is stored. */
export interface TestRequest {
  readonly path: string;
  readonly body?: unknown;
}

interface TestProps {
  /** What the button says; default: that it tests a connection. */
  readonly label?: string;
  readonly request: () => TestRequest;
  /** Called when a test ended, or could not be made. */
  readonly onEnd: (problem: ApiProblem | undefined) => void;
}

/** Tests a connection, says how long it takes and how it ended. */
export function TestButton({ label, request, onEnd }: TestProps) {
  const [seconds, setSeconds] = useState<number>();
  const [outcome, setOutcome] = useState<TestOutcome>();
  const isRunning = seconds !== undefined;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setSeconds((count = 0) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  const test = async () => {
    const { path, body } = request();
    setOutcome(undefined);
    setSeconds(0);
    try {
      setOutcome(await send<TestOutcome>(path, { method: "POST", body }));
      onEnd(undefined);
    } catch (problem) {
      onEnd(problem as ApiProblem);
    } finally {
      setSeconds(undefined);
    }
  };
  return (
    <>
      <button type="button" class="button" disabled={isRunning} onClick={() => void test()}>
        {label ?? t("connections.test")}
      </button>
      <span role="status" class="outcome">
        {isRunning ? (
          <span class="muted">{t("connections.testing", { x: duration(seconds) })}</span>
        ) : outcome ? (
          <>
            <ConditionBadge value={outcome.status} /> {outcome.message}
          </>
        ) : null}
      </span>
    </>
  );
}
