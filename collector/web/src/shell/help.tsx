import { useEffect, useRef } from "preact/hooks";
import type { TextName } from "../i18n/en.ts";
import { t } from "../i18n/index.ts";
import { Icon } from "../ui/icon.tsx";

const keys: readonly (readonly [string, TextName])[] = [
  ["/", "help.search"],
  ["j", "help.next"],
  ["k", "help.previous"],
  ["Enter", "help.open"],
  ["Esc", "help.close"],
  ["l", "help.live"],
  ["1 2 3", "help.views"],
  ["?", "help.help"],
];

/** What the keys do. */
export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" onClose={onClose} aria-label={t("help.title")}>
      <header>
        <h2>{t("help.title")}</h2>
        <button
          type="button"
          class="tool"
          onClick={() => dialog.current?.close()}
          aria-label={t("events.close")}
        >
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        {keys.map(([key, name]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{t(name)}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a href="/docs">{t("help.api")}</a>
      </p>
    </dialog>
  );
}
