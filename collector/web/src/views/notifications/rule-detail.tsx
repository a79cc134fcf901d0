import { send } from "../../api/client.ts";
import type { JsonSchema } from "../../api/connection-types.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { NotificationRule } from "../../api/response-types.ts";
import { t } from "../../i18n/index.ts";
import { go } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { unsaved } from "../../state/unsaved.ts";
import { fieldValue } from "../../ui/form/field.ts";
import { Form } from "../../ui/form/form.tsx";
import { useDraft } from "../../ui/form/use-draft.ts";
import { RemoveButton } from "../../ui/remove-button.tsx";
import { assembled } from "../../ui/schema/assemble.ts";
import { placed } from "../../ui/schema/problems.ts";
import { type SchemaField, schemaFields } from "../../ui/schema/schema-fields.ts";

interface DetailProps {
  /** Undefined for one that is being made. */
  readonly rule: NotificationRule | undefined;
  readonly schema: JsonSchema;
  /** Names of the channels there are. */
  readonly channels: readonly string[];
}

/** One notification rule: its settings, and its end. Those of the configuration file are shown only. */
export function RuleDetail({ rule, schema, channels }: DetailProps) {
  const draft = useDraft();
  const { failure, fail } = draft;
  const isFixed = rule?.source === "configuration";
  const settings = rule?.settings ?? { channels: channels.slice(0, 1) };
  const own = schemaFields(schema, settings).map((field) => ({ ...field, locked: isFixed }));
  const fields = rule === undefined ? [nameField(), ...own] : own;
  const problems = placed(failure, fields, draft.changes);
  const save = async (): Promise<boolean> => {
    const name = rule?.name ?? String(fieldValue(fields[0]!, draft.changes));
    try {
      await send(`/notifications/rules/${encodeURIComponent(name)}`, {
        method: "PUT",
        body: { version: rule?.version ?? 0, settings: assembled(own, draft.changes, settings) },
      });
      draft.clear();
      unsaved.value = false;
      refresh();
      go({ id: name }, { replace: true });
      return true;
    } catch (problem) {
      fail(problem as ApiProblem);
      return false;
    }
  };
  return (
    <div class="detail-body">
      <header>
        <h2>{rule?.name ?? t("notes.new")}</h2>
        {isFixed ? <p class="description">{t("notes.fixed")}</p> : null}
        {rule?.problem === undefined ? null : <p class="message message-error">{rule.problem}</p>}
      </header>
      <Form
        {...{ fields, draft, problems, isNew: rule === undefined }}
        failure={problems.length > 0 ? undefined : failure}
        label={t("notes.settings")}
        onSave={save}
        onKey={() => fail(undefined)}
      />
      {rule === undefined || isFixed ? null : (
        <div class="actions">
          <RemoveButton
            path={`/notifications/rules/${encodeURIComponent(rule.name)}`}
            label={t("notes.remove")}
            title={t("notes.removeTitle", { x: rule.name })}
            text={t("notes.removeText")}
            stay={t("notes.keep")}
            onProblem={fail}
          />
        </div>
      )}
    </div>
  );
}

/** The name: no part of the settings. */
const nameField = (): SchemaField => ({
  ...{ key: "@name", steps: ["@name"], type: "text", maxLength: 63, default: "", value: "" },
  ...{ secret: false, locked: false, stored: false, ofBranch: false, required: true },
  ...{ label: t("notes.name"), help: t("notes.nameHelp") },
});
