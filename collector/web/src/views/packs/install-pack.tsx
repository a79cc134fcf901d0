import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { PackCheck, PackInstall } from "../../api/pack-types.ts";
import { t } from "../../i18n/index.ts";
import { bytes, fullTime, whole } from "../../lib/format.ts";
import { useAttempt } from "../../lib/use-attempt.ts";
import { refresh } from "../../state/refresh.ts";
import { Outcome } from "../../ui/outcome.tsx";
import { ReasonField } from "../../ui/reason-field.tsx";
import { Facts } from "../plugins/facts.tsx";
import { FileList } from "./pack-detail.tsx";

/** What the API takes at most, as a file: in base64 it is a third larger. */
const mostBytes = 23 * 2 ** 20;

type Seen = { readonly pack: string; readonly check: PackCheck };

/** Installs a pack from a file: looked at first, then confirmed, with a reason where it is a step back. */
export function InstallPack() {
  const [seen, setSeen] = useState<Seen>();
  const [said, setSaid] = useState("");
  const { problem, attempt, clear } = useAttempt();
  const look = async (file: File | undefined): Promise<void> => {
    setSeen(undefined);
    clear();
    if (!file) return;
    if (file.size > mostBytes)
      return setSaid(t("packs.tooLarge", { x: bytes(file.size), y: bytes(mostBytes) }));
    setSaid(t("packs.looking"));
    await attempt(async () => {
      const pack = await base64Of(file);
      setSeen({ pack, check: await send<PackCheck>("/packs/check", { method: "POST", body: { pack } }) });
    });
    setSaid("");
  };
  const install = async (rollback: string | undefined): Promise<void> => {
    setSaid(t("packs.installing"));
    await attempt(async () => {
      const body = { pack: seen!.pack, ...(rollback && { rollback }) };
      const did = await send<PackInstall>("/packs", { method: "POST", body });
      setSeen(undefined);
      setSaid(toldOf(did));
      refresh();
    }).finally(() => setSaid((now) => (now === t("packs.installing") ? "" : now)));
  };
  return (
    <div class="detail-body">
      <header>
        <p>
          <span class="muted">{t("packs.one")}</span>
        </p>
        <h2>{t("packs.install")}</h2>
      </header>
      <form class="new-control" onSubmit={(event) => event.preventDefault()}>
        <label>
          {t("packs.file")}
          <input
            class="input"
            type="file"
            accept=".vpack"
            title={t("packs.fileHint")}
            onChange={(event) => void look(event.currentTarget.files?.[0])}
          />
        </label>
      </form>
      <p role="status">{said}</p>
      <Outcome problem={problem} onKey={clear} />
      {seen === undefined ? null : <Seen key={seen.check.sequence} check={seen.check} onInstall={install} />}
    </div>
  );
}

function toldOf({ outcome, name, rules, problem }: PackInstall): string {
  if (problem !== undefined) return t("packs.notRunning", { x: problem });
  return outcome === "unchanged"
    ? t("packs.unchanged", { x: name })
    : t("packs.done", { x: name, y: whole(rules) });
}

interface SeenProps {
  readonly check: PackCheck;
  readonly onInstall: (rollback: string | undefined) => Promise<void>;
}

function Seen({ check, onInstall }: SeenProps) {
  const [reason, setReason] = useState("");
  const { before, lower } = check;
  return (
    <section>
      <h3>{check.name}</h3>
      {check.description === "" ? null : <p class="description">{check.description}</p>}
      <Facts
        facts={[
          [t("packs.version"), check.version],
          [t("packs.number"), whole(check.sequence)],
          [t("packs.made"), fullTime(check.created)],
          [t("packs.expires"), fullTime(check.expires)],
          [t("packs.signedBy"), check.signedBy],
        ]}
      />
      <p>
        {before === undefined
          ? t("packs.new")
          : t("packs.replaces", { x: before.version, y: whole(before.sequence) })}
      </p>
      <FileList files={check.files} />
      <form
        class="new-control"
        onSubmit={(event) => {
          event.preventDefault();
          void onInstall(lower ? reason.trim() : undefined);
        }}
      >
        {lower ? <ReasonField label={t("packs.lower")} value={reason} onValue={setReason} /> : null}
        <div class="actions">
          <button
            type="submit"
            class={lower ? "button button-harm" : "button button-main"}
            disabled={lower && reason.trim() === ""}
          >
            {t("packs.installIt")}
          </button>
        </div>
      </form>
    </section>
  );
}

/** A file in base64. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}
