import { t } from "../../i18n/index.ts";
import { addressOf, view } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";

/** Leads between what is done after something was found. */
export const ResponseTabs = () => (
  <nav class="tabs" aria-label={t("response.section")}>
    {(["jobs", "actions", "workflows", "notifications", "deliveries"] as const).map((name) => (
      <Link key={name} href={addressOf({ view: name })} current={view.value === name}>
        {t(`nav.${name}`)}
      </Link>
    ))}
  </nav>
);
