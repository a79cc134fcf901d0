import { t } from "../i18n/index.ts";
import { go } from "../state/address.ts";
import { Icon } from "./icon.tsx";

/** Closes the details where list and details do not fit beside each other. */
export const BackToList = () => (
  <button type="button" class="button back" onClick={() => go({ id: undefined }, { replace: true })}>
    <Icon name="left" size={14} /> {t("alerts.back")}
  </button>
);
