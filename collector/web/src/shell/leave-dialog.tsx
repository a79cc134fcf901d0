import { t } from "../i18n/index.ts";
import { leave, stay, wanted } from "../state/unsaved.ts";
import { Confirm } from "../ui/dialog.tsx";

/** Asks whether to go where one wanted to go, although something typed is not stored. */
export const LeaveDialog = () =>
  wanted.value === undefined ? null : (
    <Confirm
      title={t("leave.title")}
      text={t("leave.text")}
      stay={t("leave.stay")}
      act={t("leave.go")}
      onStay={stay}
      onAct={leave}
    />
  );
