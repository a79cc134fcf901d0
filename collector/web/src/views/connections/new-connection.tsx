import { send } from "../../api/client.ts";
import type { ConnectionKind } from "../../api/connection-types.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { go } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { unsaved } from "../../state/unsaved.ts";
import { fieldValue } from "../../ui/form/field.ts";
import { Form } from "../../ui/form/form.tsx";
import { useDraft } from "../../ui/form/use-draft.ts";
import { assembled } from "../../ui/schema/assemble.ts";
import { placed } from "../../ui/schema/problems.ts";
import { type SchemaField, schemaFields } from "../../ui/schema/schema-fields.ts";
import { TestButton } from "../../ui/test-button.tsx";

const wordOf = ({ plugin, kind }: ConnectionKind): string => `${plugin}/${kind}`;

/** Makes a connection: a name, a kind, and what the kind needs. */
export function NewConnection({ kinds }: { kinds: readonly ConnectionKind[] }) {
  const draft = useDraft();
  const { failure, fail } = draft;
  const [name, choice] = ownFields(kinds);
  const chosen = fieldValue(choice, draft.changes);
  const kind = kinds.find((each) => wordOf(each) === chosen);
  const fields = kind ? schemaFields(kind.schema, {}) : [];
  const problems = placed(failure, [name, choice, ...fields], draft.changes);
  const body = () => ({
    ...{ plugin: kind?.plugin, kind: kind?.kind },
    settings: assembled(fields, draft.changes, {}),
  });
  const save = async (): Promise<boolean> => {
    const typed = String(fieldValue(name, draft.changes));
    try {
      await send("/connections", { method: "POST", body: { name: typed, ...body() } });
      draft.clear();
      unsaved.value = false;
      refresh();
      go({ id: typed }, { replace: true });
      return true;
    } catch (problem) {
      fail(problem as ApiProblem);
      return false;
    }
  };
  return (
    <div class="detail-body">
      <header>
        <h2>{t("connections.new")}</h2>
        {kind?.description ? <p class="description">{kind.description}</p> : null}
      </header>
      <Form
        fields={[name, choice, ...fields]}
        {...{ draft, problems, isNew: true }}
        failure={problems.length > 0 ? undefined : failure}
        label={t("connections.new")}
        onSave={save}
        onKey={() => fail(undefined)}
        actions={
          kind?.testable ? (
            <TestButton request={() => ({ path: "/connections/test", body: body() })} onEnd={fail} />
          ) : null
        }
      />
    </div>
  );
}

/** The name and the kind: part of a connection, not of its settings. */
function ownFields(kinds: readonly ConnectionKind[]): [SchemaField, SchemaField] {
  const common = { secret: false, locked: false, stored: false, ofBranch: false, required: true };
  const [first] = kinds;
  const kind = first ? wordOf(first) : "";
  return [
    {
      ...{ ...common, key: "name", steps: ["@name"], type: "text", maxLength: 64, default: "", value: "" },
      ...{ label: t("connections.name"), help: t("connections.nameHelp") },
    },
    {
      ...{ ...common, key: "kind", steps: ["@kind"], type: "select", default: kind, value: kind },
      ...{ label: t("connections.kind"), help: "" },
      options: kinds.map((each) => ({ value: wordOf(each), label: `${each.title} (${each.plugin})` })),
    },
  ];
}
