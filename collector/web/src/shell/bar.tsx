import { t } from "../i18n/index.ts";
import { addressOf, type View, view } from "../state/address.ts";
import { language, theme } from "../state/preferences.ts";
import { refresh } from "../state/refresh.ts";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";
import { TimePicker } from "./time-picker.tsx";

const entries: readonly View[] = ["overview", "events", "alerts", "jobs", "assets", "plugins"];
/** What is set up rather than what happened: no time range applies. */
const timeless: ReadonlySet<View> = new Set([
  ...([
    "silences",
    "scorecard",
    "risks",
    "sources",
    "audit",
    "assets",
    "plugins",
    "connections",
    "packs",
    "rollups",
    "answer",
  ] as const),
  ...(["actions", "jobs", "workflows", "notifications", "deliveries"] as const),
]);
const themes = ["system", "light", "dark"] as const;
const themeIcons = { system: "contrast", light: "sun", dark: "moon" } as const;

/** Views that are reached from another one, by the entry they belong to. */
const belongsTo: Partial<Readonly<Record<View, View>>> = {
  ...{
    rollups: "overview",
    answer: "jobs",
    incidents: "alerts",
    silences: "alerts",
    scorecard: "alerts",
    connections: "plugins",
    packs: "plugins",
  },
  ...{ risks: "alerts", sources: "alerts", audit: "alerts" },
  ...{ workflows: "jobs", notifications: "jobs", deliveries: "jobs", address: "events" },
  actions: "jobs",
};
const entryOf = (shown: View): View => belongsTo[shown] ?? shown;

/** The bar at the top: where one is, the time range, and the page's own settings. */
export function Bar({ onHelp }: { onHelp: () => void }) {
  const now = theme.value;
  const nextTheme = themes[(themes.indexOf(now) + 1) % themes.length]!;
  const themeLabel = `${t("bar.theme")}: ${t(`bar.theme.${now}`)}`;
  return (
    <header class="bar-top">
      <Link href={addressOf({ view: "overview" })} class="brand" label="Vedette">
        <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" class="brand-ground" />
          <path d="M7 9l9 15 9-15" class="brand-mark" />
          <circle cx="16" cy="9.5" r="3" class="brand-eye" />
        </svg>
        <span>Vedette</span>
      </Link>
      <nav aria-label={t("nav.main")}>
        {entries.map((name) => (
          <Link key={name} href={addressOf({ view: name })} current={name === entryOf(view.value)}>
            {t(name === "jobs" ? "nav.response" : `nav.${name}`)}
          </Link>
        ))}
      </nav>
      <div class="bar-tools">
        {timeless.has(view.value) ? null : <TimePicker />}
        <button
          type="button"
          class="tool"
          onClick={refresh}
          title={t("bar.refresh")}
          aria-label={t("bar.refresh")}
        >
          <Icon name="refresh" />
        </button>
        <button
          type="button"
          class="tool"
          onClick={() => {
            theme.value = nextTheme;
          }}
          title={themeLabel}
          aria-label={themeLabel}
        >
          <Icon name={themeIcons[now]} />
        </button>
        <button
          type="button"
          class="tool tool-text"
          onClick={() => {
            language.value = language.value === "de" ? "en" : "de";
          }}
          title={t("bar.language")}
          aria-label={t("bar.language")}
        >
          {language.value.toUpperCase()}
        </button>
        <button
          type="button"
          class="tool"
          onClick={onHelp}
          title={`${t("bar.help")} (?)`}
          aria-label={t("bar.help")}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}
