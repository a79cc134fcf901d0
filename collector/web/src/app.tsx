import "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./i18n/index.ts";
import { OnDemand } from "./sections/on-demand.tsx";
import { Bar } from "./shell/bar.tsx";
import { Help } from "./shell/help.tsx";
import { KeyBox } from "./shell/key-box.tsx";
import { LeaveDialog } from "./shell/leave-dialog.tsx";
import { useShortcuts } from "./shell/shortcuts.ts";
import { type View, view } from "./state/address.ts";
import { keyNeeded, unreachable } from "./state/session.ts";
import { Events } from "./views/events/events.tsx";
import { Overview } from "./views/overview/overview.tsx";

const components: Readonly<Record<View, () => JSX.Element>> = {
  overview: Overview,
  events: Events,
  incidents: () => <OnDemand key="incidents" name="incidents" />,
  silences: () => <OnDemand key="silences" name="silences" />,
  scorecard: () => <OnDemand key="scorecard" name="scorecard" />,
  actions: () => <OnDemand key="actions" name="actions" />,
  risks: () => <OnDemand key="risks" name="risks" />,
  sources: () => <OnDemand key="sources" name="sources" />,
  audit: () => <OnDemand key="audit" name="audit" />,
  jobs: () => <OnDemand key="jobs" name="jobs" />,
  workflows: () => <OnDemand key="workflows" name="workflows" />,
  notifications: () => <OnDemand key="notifications" name="notifications" />,
  deliveries: () => <OnDemand key="deliveries" name="deliveries" />,
  address: () => <OnDemand key="address" name="address" />,
  alerts: () => <OnDemand key="alerts" name="alerts" />,
  assets: () => <OnDemand key="assets" name="assets" />,
  plugins: () => <OnDemand key="plugins" name="plugins" />,
  connections: () => <OnDemand key="connections" name="connections" />,
  answer: () => <OnDemand key="answer" name="answer" />,
  rollups: () => <OnDemand key="rollups" name="rollups" />,
  packs: () => <OnDemand key="packs" name="packs" />,
};

/** The page: a bar, one of its views, and the key box where the collector asks for a key. */
export function App() {
  const [help, setHelp] = useState(false);
  useShortcuts(() => setHelp((open) => !open));
  const shown = view.value;
  const Shown = components[shown];
  useEffect(() => {
    document.title = `${t(`nav.${shown}`)} · Vedette`;
  });
  return (
    <>
      <a class="skip" href="#content">
        {t("nav.skip")}
      </a>
      <Bar onHelp={() => setHelp(true)} />
      {unreachable.value ? (
        <p class="banner" role="status">
          <b>{t("error.unreachable")}</b> {t("error.stale")}
        </p>
      ) : null}
      <main id="content" tabIndex={-1} class={`view view-${keyNeeded.value ? "key" : shown}`}>
        {keyNeeded.value ? <KeyBox /> : <Shown />}
      </main>
      <footer class="credits">
        {t("credits.networks")}{" "}
        <a class="credits-link" href="https://db-ip.com">
          IP Geolocation by DB-IP
        </a>
        , RouteViews, NRO (CC BY 4.0)
      </footer>
      {help ? <Help onClose={() => setHelp(false)} /> : null}
      <LeaveDialog />
    </>
  );
}
