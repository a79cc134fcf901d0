import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { refresh } from "../../state/refresh.ts";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";

/** Looks through the plugin folders again, and says what was found. */
export function LookAgain() {
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<ApiProblem>();
  const look = async () => {
    setSaid(t("plugins.looking"));
    setFailure(undefined);
    try {
      const { plugins, broken } = await send<{ plugins: number; broken: number }>("/plugins/rediscover", {
        method: "POST",
      });
      setSaid(t("plugins.looked", { x: whole(plugins), y: whole(broken) }));
      refresh();
    } catch (problem) {
      setSaid("");
      setFailure(problem as ApiProblem);
    }
  };
  return (
    <>
      <button type="button" class="button button-small" onClick={() => void look()}>
        {t("plugins.lookAgain")}
      </button>
      <span role="status" class="muted said">
        {said}
      </span>
      {failure === undefined ? null : isRefused(failure) ? (
        <Refusal problem={failure} onKey={() => setFailure(undefined)} />
      ) : (
        <p class="field-problem" role="alert">
          {failure.message}
        </p>
      )}
    </>
  );
}
