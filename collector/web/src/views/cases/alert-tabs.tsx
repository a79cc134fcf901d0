import { t } from "../../i18n/index.ts";
import { addressOf, view } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";

/** Leads between what concerns alerts. */
export const AlertTabs = () => (
  <nav class="tabs" aria-label={t("cases.section")}>
    {(["incidents", "alerts", "risks", "silences", "scorecard", "sources", "audit"] as const).map((name) => (
      <Link key={name} href={addressOf({ view: name })} current={view.value === name}>
        {t(`nav.${name}`)}
      </Link>
    ))}
  </nav>
);
