import { useState } from "preact/hooks";
import type { PackRecord, PackVersion } from "../../api/pack-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { bytes, fullTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go } from "../../state/address.ts";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import { Failed } from "../../ui/state-box.tsx";
import { Facts } from "../plugins/facts.tsx";
import { PackState } from "./pack-state.tsx";

/** One pack: who signed it, what of it runs, its files and its past, and ways back. */
export function PackDetail({ name }: { name: string }) {
  const { data, problem } = useQuery<PackRecord>(`/packs/${encodeURIComponent(name)}`);
  if (!data) return problem ? <Failed problem={problem} /> : <div class="skeleton" />;
  return (
    <div class="detail-body">
      <header>
        <p>
          <PackState state={data.state} />
          <span class="muted">{t("packs.one")}</span>
        </p>
        <h2>{data.name}</h2>
        {data.description ? <p class="description">{data.description}</p> : null}
        {data.problem === undefined ? null : (
          <p class="case-problem" role="alert">
            {data.problem}
          </p>
        )}
      </header>
      <Facts
        facts={[
          [t("packs.version"), data.version],
          [t("packs.number"), data.sequence === undefined ? undefined : whole(data.sequence)],
          [t("packs.highest"), whole(data.highest)],
          [t("packs.made"), data.created && fullTime(data.created)],
          [t("packs.expires"), data.expires && fullTime(data.expires)],
          [t("packs.signedBy"), data.signedBy],
        ]}
      />
      <section>
        <h3>{t("packs.running")}</h3>
        {data.running.length === 0 ? (
          <p class="muted">{t("packs.noneRun")}</p>
        ) : (
          <ul class="plain-list">
            {data.running.map(({ id, name: called, file }) => (
              <li key={id}>
                {called} <span class="muted">{file}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <Kept pack={data} />
      <History pack={data} />
      <FileList files={data.files} />
      <Removal name={data.name} />
    </div>
  );
}

/** The files of a pack, folded. */
export const FileList = ({ files }: Pick<PackRecord, "files">) => (
  <details>
    <summary>
      {t("packs.files")} ({whole(files.length)})
    </summary>
    <ul class="plain-list">
      {files.map(({ path, size }) => (
        <li key={path}>
          <code>{path}</code> <span class="muted">{bytes(size)}</span>
        </li>
      ))}
    </ul>
  </details>
);

function Kept({ pack: { name, kept } }: { pack: PackRecord }) {
  const [chosen, setChosen] = useState<PackVersion>();
  if (kept.length === 0) return null;
  return (
    <section>
      <h3>{t("packs.kept")}</h3>
      <ul class="plain-list">
        {kept.map((each) => (
          <li key={each.sequence}>
            {each.version}{" "}
            <span class="muted">
              {t("packs.sequence", { x: whole(each.sequence) })} · {fullTime(each.created)}
            </span>{" "}
            <button type="button" class="button button-small" onClick={() => setChosen(each)}>
              {t("packs.back")}
            </button>
          </li>
        ))}
      </ul>
      {chosen === undefined ? null : (
        <ReasonDialog
          title={t("packs.backTitle", { x: chosen.version })}
          text={t("packs.backText")}
          act={t("packs.back")}
          request={(reason) => ({
            ...{ path: `/packs/${encodeURIComponent(name)}/rollback`, method: "POST" },
            body: { sequence: chosen.sequence, reason },
          })}
          onClose={() => setChosen(undefined)}
        />
      )}
    </section>
  );
}

const History = ({ pack: { history } }: { pack: PackRecord }) => (
  <section>
    <h3>{t("packs.history")}</h3>
    <ul class="plain-list">
      {history.toReversed().map(({ at, action, version, sequence, reason, by }) => (
        <li key={at}>
          <time dateTime={at}>{fullTime(at)}</time> <span class="tag">{tValue("packAction", action)}</span>{" "}
          {version}{" "}
          <span class="muted">
            {[t("packs.sequence", { x: whole(sequence) }), by, reason].filter(Boolean).join(" · ")}
          </span>
        </li>
      ))}
    </ul>
  </section>
);

function Removal({ name }: { name: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <section class="actions">
      <button type="button" class="button button-harm" onClick={() => setAsking(true)}>
        {t("packs.remove")}
      </button>
      {asking ? (
        <ReasonDialog
          title={t("packs.removeTitle", { x: name })}
          text={t("packs.removeText")}
          act={t("packs.remove")}
          request={(reason) => ({
            ...{ path: `/packs/${encodeURIComponent(name)}/remove`, method: "POST" },
            body: { reason },
          })}
          onClose={() => setAsking(false)}
          onDone={() => go({ id: undefined }, { replace: true })}
        />
      ) : null}
    </section>
  );
}
