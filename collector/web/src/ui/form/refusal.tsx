import { useState } from "preact/hooks";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { useKey } from "../../state/session.ts";

/** True where another key is needed rather than another value. */
export const isRefused = (problem: ApiProblem | undefined): boolean =>
  problem?.status === 401 || problem?.status === 403;

/** Says that the key may not do this, and takes another without losing what was typed. */
export function Refusal({ problem, onKey }: { problem: ApiProblem; onKey?: () => void }) {
  const [key, setKey] = useState("");
  const use = () => {
    if (key.trim() === "") return;
    useKey(key.trim());
    onKey?.();
  };
  return (
    <div class="refusal" role="alert">
      <p>
        <b>{t("refused.title")}</b> {t("refused.text")}
      </p>
      <p class="muted">{problem.message}</p>
      <div class="refusal-key">
        <label>
          {t("refused.other")}
          <input
            type="password"
            class="input"
            autocomplete="off"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              // It stands inside a form, which must not be sent by this.
              event.preventDefault();
              use();
            }}
          />
        </label>
        <button type="button" class="button" onClick={use}>
          {t("refused.use")}
        </button>
      </div>
      <p class="muted">
        {t("key.cure")} <code>vedette key create me --scope admin</code>
      </p>
    </div>
  );
}
