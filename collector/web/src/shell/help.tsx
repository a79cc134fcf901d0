import { type TextName, t } from "../i18n/index.ts";
import { Dialog } from "../ui/dialog.tsx";

const keys: readonly (readonly [string, TextName])[] = [
  ["/", "help.search"],
  ["j", "help.next"],
  ["k", "help.previous"],
  ["Enter", "help.open"],
  ["Esc", "help.close"],
  ["l", "help.live"],
  ["1–6", "help.views"],
  ["?", "help.help"],
];

/** What the keys do. */
export const Help = ({ onClose }: { onClose: () => void }) => (
  <Dialog title={t("help.title")} onClose={onClose}>
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
  </Dialog>
);
