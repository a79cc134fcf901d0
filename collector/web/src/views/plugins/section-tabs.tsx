import { t } from "../../i18n/index.ts";
import { addressOf, view } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";

/** Leads between the plugins, the connections they use and packs of rules. */
export const SectionTabs = () => (
  <nav class="tabs" aria-label={t("plugins.section")}>
    {(["plugins", "connections", "packs"] as const).map((name) => (
      <Link key={name} href={addressOf({ view: name })} current={view.value === name}>
        {t(`nav.${name}`)}
      </Link>
    ))}
  </nav>
);
