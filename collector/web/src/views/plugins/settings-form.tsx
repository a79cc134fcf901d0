import { send } from "../../api/client.ts";
import type { PluginDetail } from "../../api/plugin-types.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { language } from "../../state/preferences.ts";
import { refresh } from "../../state/refresh.ts";
import { Form } from "../../ui/form/form.tsx";
import { useDraft } from "../../ui/form/use-draft.ts";
import { sendable, useCheck } from "./use-check.ts";

/** The settings of a plugin, checked as they are typed. */
export function SettingsForm({ plugin }: { plugin: PluginDetail }) {
  const draft = useDraft();
  const check = useCheck(plugin.id, draft.changes);
  const { failure, fail } = draft;
  const save = async (): Promise<boolean> => {
    try {
      const path = `/plugins/${encodeURIComponent(plugin.id)}/settings?lang=${language.value}`;
      await send(path, { method: "PATCH", body: sendable(draft.changes) });
      draft.clear();
      refresh();
      return true;
    } catch (problem) {
      fail(problem as ApiProblem);
      return false;
    }
  };
  return (
    <Form
      fields={plugin.settings}
      draft={draft}
      problems={draft.isDirty ? check.problems : plugin.problems}
      failure={draft.isDirty ? (failure ?? check.failure) : undefined}
      label={t("plugins.settings")}
      onSave={save}
      onKey={() => fail(undefined)}
    />
  );
}
