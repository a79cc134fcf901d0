import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { Icon } from "./icon.tsx";

interface DialogProps {
  readonly title: string;
  /** Also called when Escape closed it. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A box in front of the page, which keeps the keyboard inside until it is closed. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" onClose={onClose} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          class="tool"
          onClick={() => dialog.current?.close()}
          aria-label={t("events.close")}
        >
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly stay: string;
  readonly act: string;
  readonly onStay: () => void;
  readonly onAct: () => void;
}

/** Asks before something is lost. */
export const Confirm = ({ title, text, stay, act, onStay, onAct }: ConfirmProps) => (
  <Dialog title={title} onClose={onStay}>
    <p class="dialog-text">{text}</p>
    <div class="actions">
      <button type="button" class="button button-main" onClick={onStay}>
        {stay}
      </button>
      <button type="button" class="button button-harm" onClick={onAct}>
        {act}
      </button>
    </div>
  </Dialog>
);
