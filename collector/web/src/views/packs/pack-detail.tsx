import { useState } from "preact/hooks";
import type { PackRecord, PackVersion } from "../../api/pack-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { bytes, fullTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go } from "../../state/address.ts";
import { Answered } from "../../ui/answered.tsx";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import { Facts } from "../plugins/facts.tsx";
import { PackState } from "./pack-state.tsx";

/** One pack: who signed it, what of it runs, its files and its past, and ways back. */
export function PackDetail({ name }: { name: string }) {
  const answer = useQuery<PackRecord>(`/packs/${encodeURIComponent(name)}`);
  return <Answered answer={answer}>{(pack) => <Body pack={pack} />}</Answered>;
}

const Body = ({ pack }: { pack: PackRecord }) => (
  <div class="detail-body">
    <header>
      <p>
        <PackState state={pack.state} />
        <span class="muted">{t("packs.one")}</span>
      </p>
      <h2>{pack.name}</h2>
      {pack.description ? <p class="description">{pack.description}</p> : null}
      {pack.problem === undefined ? null : (
        <p class="case-problem" role="alert">
          {pack.problem}
        </p>
      )}
    </header>
    <Facts
      facts={[
        [t("packs.version"), pack.version],
        [t("packs.number"), pack.sequence === undefined ? undefined : whole(pack.sequence)],
        [t("packs.highest"), whole(pack.highest)],
        [t("packs.made"), pack.created && fullTime(pack.created)],
        [t("packs.expires"), pack.expires && fullTime(pack.expires)],
        [t("packs.signedBy"), pack.signedBy],
      ]}
    />
    <section>
      <h3>{t("packs.running")}</h3>
      {pack.running.length === 0 ? (
        <p class="muted">{t("packs.noneRun")}</p>
      ) : (
        <ul class="plain-list">
          {pack.running.map(({ id, name: called, file }) => (
            <li key={id}>
              {called} <span class="muted">{file}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
    <Kept pack={pack} />
    <History pack={pack} />
    <FileList files={pack.files} />
    <Removal name={pack.name} />
  </div>
);

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
