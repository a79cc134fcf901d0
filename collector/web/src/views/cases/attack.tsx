import type { Attack } from "../../api/alert-types.ts";
import { t } from "../../i18n/index.ts";

/** Tactics and techniques of MITRE ATT&CK. */
export const AttackTags = ({ attack }: { attack: Attack | undefined }) => {
  const all = [...(attack?.tactics ?? []), ...(attack?.techniques ?? [])];
  return all.length === 0 ? null : (
    <p class="attack">
      <span class="muted">{t("cases.attack")}</span>{" "}
      {all.map(({ id, name }) => (
        <span key={id} class="tag" title={id}>
          {id} {name}
        </span>
      ))}
    </p>
  );
};
