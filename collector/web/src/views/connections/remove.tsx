import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { go } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { unsaved } from "../../state/unsaved.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";

/** Removes a connection, after asking; what uses it is named where that is why it stays. */
export function Remove({ name }: { name: string }) {
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<ApiProblem>();
  const remove = async () => {
    setAsking(false);
    try {
      await send(`/connections/${encodeURIComponent(name)}`, { method: "DELETE" });
      unsaved.value = false;
      refresh();
      go({ id: undefined }, { replace: true });
    } catch (problem) {
      setFailure(problem as ApiProblem);
    }
  };
  return (
    <section class="actions">
      <button type="button" class="button button-harm" onClick={() => setAsking(true)}>
        {t("connections.remove")}
      </button>
      {failure === undefined ? null : isRefused(failure) ? (
        <Refusal problem={failure} onKey={() => setFailure(undefined)} />
      ) : (
        <p class="field-problem" role="alert">
          {failure.message}
        </p>
      )}
      {isAsking ? (
        <Confirm
          title={t("connections.removeTitle", { x: name })}
          text={t("connections.removeText")}
          stay={t("connections.keep")}
          act={t("connections.remove")}
          onStay={() => setAsking(false)}
          onAct={() => void remove()}
        />
      ) : null}
    </section>
  );
}
