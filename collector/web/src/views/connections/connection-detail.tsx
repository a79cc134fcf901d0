import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { Connection, ConnectionKind } from "../../api/connection-types.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { ago, fullTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { Answered } from "../../ui/answered.tsx";
import { ConditionBadge } from "../../ui/condition.tsx";
import { Form } from "../../ui/form/form.tsx";
import { useDraft } from "../../ui/form/use-draft.ts";
import { Link } from "../../ui/link.tsx";
import { Outcome } from "../../ui/outcome.tsx";
import { RemoveButton } from "../../ui/remove-button.tsx";
import { assembled } from "../../ui/schema/assemble.ts";
import { placed } from "../../ui/schema/problems.ts";
import { schemaFields } from "../../ui/schema/schema-fields.ts";
import { TestButton } from "../../ui/test-button.tsx";

interface DetailProps {
  readonly name: string;
  readonly kinds: readonly ConnectionKind[];
}

/** One connection: how its last test ended, its settings, a test and its end. */
export function ConnectionDetail({ name, kinds }: DetailProps) {
  const answer = useQuery<Connection>(`/connections/${encodeURIComponent(name)}`);
  return (
    <Answered answer={answer}>{(connection) => <Body connection={connection} kinds={kinds} />}</Answered>
  );
}

function Body({ connection, kinds }: { connection: Connection; kinds: readonly ConnectionKind[] }) {
  const kind = kinds.find((each) => each.plugin === connection.plugin && each.kind === connection.kind);
  return (
    <div class="detail-body">
      <header>
        <p>
          {connection.test ? <ConditionBadge value={connection.test.status} /> : null}
          <span class="muted">
            {kind?.title ?? t("connections.noKind", { x: connection.kind })} ·{" "}
            <Link href={addressOf({ view: "plugins", id: connection.plugin })}>{connection.plugin}</Link> ·{" "}
            <time dateTime={connection.updatedAt} title={fullTime(connection.updatedAt)}>
              {t("connections.changed", { x: ago(connection.updatedAt, Date.now()) })}
            </time>
          </span>
        </p>
        <h2>{connection.name}</h2>
        {kind?.description ? <p class="description">{kind.description}</p> : null}
        <p class={`message message-${connection.test?.status ?? "none"}`}>
          {connection.test === undefined ? t("connections.untested") : lastTest(connection.test)}
        </p>
      </header>
      {kind ? <Editor connection={connection} kind={kind} /> : <p>{t("connections.noPlugin")}</p>}
      <Removal name={connection.name} />
    </div>
  );
}

const lastTest = ({ message, at, current }: NonNullable<Connection["test"]>): string =>
  [
    t("connections.tested", { x: ago(at, Date.now()) }),
    message,
    ...(current ? [] : [t("connections.stale")]),
  ].join(" ");

/** What uses a connection is named where that is why it stays. */
function Removal({ name }: Pick<Connection, "name">) {
  const [failure, setFailure] = useState<ApiProblem>();
  return (
    <section class="actions">
      <RemoveButton
        path={`/connections/${encodeURIComponent(name)}`}
        label={t("connections.remove")}
        title={t("connections.removeTitle", { x: name })}
        text={t("connections.removeText")}
        stay={t("connections.keep")}
        onProblem={setFailure}
      />
      <Outcome problem={failure} onKey={() => setFailure(undefined)} />
    </section>
  );
}

function Editor({ connection, kind }: { connection: Connection; kind: ConnectionKind }) {
  const draft = useDraft();
  const { failure, fail } = draft;
  const { name, plugin, version, settings } = connection;
  const path = `/connections/${encodeURIComponent(name)}`;
  const fields = schemaFields(kind.schema, settings);
  const problems = placed(failure, fields, draft.changes);
  const save = async (): Promise<boolean> => {
    try {
      const body = { version, settings: assembled(fields, draft.changes, settings) };
      await send(path, { method: "PUT", body });
      draft.clear();
      refresh();
      return true;
    } catch (problem) {
      fail(problem as ApiProblem);
      return false;
    }
  };
  const typed = () => ({
    name,
    plugin,
    kind: kind.kind,
    settings: assembled(fields, draft.changes, settings),
  });
  return (
    <section>
      <h3>{t("plugins.settings")}</h3>
      <Form
        {...{ fields, draft, problems }}
        failure={problems.length > 0 ? undefined : failure}
        label={t("plugins.settings")}
        onSave={save}
        onKey={() => fail(undefined)}
        actions={
          kind.testable ? (
            <TestButton
              request={() =>
                draft.isDirty ? { path: "/connections/test", body: typed() } : { path: `${path}/test` }
              }
              onEnd={(problem) => {
                fail(problem);
                if (!problem) refresh();
              }}
            />
          ) : null
        }
      />
    </section>
  );
}
