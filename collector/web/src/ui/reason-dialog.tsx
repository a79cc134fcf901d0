import { useState } from "preact/hooks";
import { send } from "../api/client.ts";
import type { ApiProblem } from "../api/problem.ts";
import { t } from "../i18n/index.ts";
import { refresh } from "../state/refresh.ts";
import { Dialog } from "./dialog.tsx";
import { Outcome } from "./outcome.tsx";
import { ReasonField } from "./reason-field.tsx";

interface ReasonDialogProps {
  readonly title: string;
  readonly text: string;
  readonly act: string;
  /** What is sent, with the reason that was given. */
  readonly request: (reason: string) => {
    readonly path: string;
    readonly method: "POST" | "PUT";
    readonly body: unknown;
  };
  readonly onClose: () => void;
  /** After it was done, besides. */
  readonly onDone?: () => void;
}

/** Asks why before something is done that others will want to know the reason of. */
export function ReasonDialog({ title, text, act, request, onClose, onDone }: ReasonDialogProps) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ApiProblem>();
  const go = async (): Promise<void> => {
    const { path, method, body } = request(reason.trim());
    try {
      await send(path, { method, body });
      refresh();
      onClose();
      onDone?.();
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="new-control"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <p class="dialog-text">{text}</p>
        <ReasonField label={t("actions.reason")} value={reason} onValue={setReason} />
        <Outcome problem={problem} onKey={() => setProblem(undefined)} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            {t("actions.cancel")}
          </button>
          <button type="submit" class="button button-harm" disabled={reason.trim() === ""}>
            {act}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
