import { send } from "../../api/client.ts";
import type { PluginDetail } from "../../api/plugin-types.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { language } from "../../state/preferences.ts";
import { refresh } from "../../state/refresh.ts";
import type { FormField } from "../../ui/form/field.ts";
import { Form } from "../../ui/form/form.tsx";
import { useDraft } from "../../ui/form/use-draft.ts";
import { sendable, useCheck } from "./use-check.ts";

/** Settings that name a connection become a choice of those there are; one that is gone stays, so that it can be seen. */
function useConnectionChoices({ id, settings }: PluginDetail): readonly FormField[] {
  const isWanted = settings.some(({ connection }) => connection !== undefined);
  const { data } = useQuery<List<{ name: string; plugin: string; kind: string }>>(
    isWanted ? "/connections" : undefined,
  );
  if (!data) return settings;
  return settings.map((field) => {
    if (field.connection === undefined) return field;
    const fit = data.items.filter(({ plugin, kind }) => plugin === id && kind === field.connection);
    const names = new Set([
      "",
      ...(field.value ? [String(field.value)] : []),
      ...fit.map(({ name }) => name),
    ]);
    const options = [...names].map((value) => ({ value, label: value || t("plugins.noConnection") }));
    return { ...field, type: "select" as const, options };
  });
}

/** The settings of a plugin, checked as they are typed. */
export function SettingsForm({ plugin }: { plugin: PluginDetail }) {
  const draft = useDraft();
  const check = useCheck(plugin.id, draft.changes);
  const { failure, fail } = draft;
  const fields = useConnectionChoices(plugin);
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
      fields={fields}
      draft={draft}
      problems={draft.isDirty ? check.problems : plugin.problems}
      failure={draft.isDirty ? (failure ?? check.failure) : undefined}
      label={t("plugins.settings")}
      onSave={save}
      onKey={() => fail(undefined)}
    />
  );
}
