import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addTexts, t } from "../i18n/index.ts";
import type { View } from "../state/address.ts";
import type { Section } from "./section.ts";

/** Views that most visits do not need. To add one: `section.ts` in its folder, and a line here. */
const sections = {
  incidents: () => import("../views/incidents/section.ts"),
  silences: () => import("../views/silences/section.ts"),
  scorecard: () => import("../views/scorecard/section.ts"),
  actions: () => import("../views/actions/section.ts"),
  risks: () => import("../views/risks/section.ts"),
  sources: () => import("../views/sources/section.ts"),
  audit: () => import("../views/audit/section.ts"),
  jobs: () => import("../views/jobs/section.ts"),
  workflows: () => import("../views/workflows/section.ts"),
  notifications: () => import("../views/notifications/section.ts"),
  deliveries: () => import("../views/deliveries/section.ts"),
  address: () => import("../views/address/section.ts"),
  alerts: () => import("../views/alerts/section.ts"),
  assets: () => import("../views/assets/section.ts"),
  plugins: () => import("../views/plugins/section.ts"),
  answer: () => import("../views/answer/section.ts"),
  rollups: () => import("../views/rollups/section.ts"),
  packs: () => import("../views/packs/section.ts"),
  connections: () => import("../views/connections/section.ts"),
} as const satisfies Partial<Record<View, () => Promise<{ section: Section }>>>;

export type SectionName = keyof typeof sections;

const loaded = signal<Partial<Record<SectionName, Section | "failed">>>({});

/** Fetches a section once; what failed is tried again when it is asked for again. */
async function load(name: SectionName): Promise<void> {
  try {
    const { section } = await sections[name]();
    for (const texts of section.texts) addTexts(texts);
    loaded.value = { ...loaded.value, [name]: section };
  } catch {
    loaded.value = { ...loaded.value, [name]: "failed" };
  }
}

/** Shows a section, once it is there. */
export function OnDemand({ name }: { name: SectionName }) {
  const section = loaded.value[name];
  useEffect(() => {
    if (loaded.peek()[name] === undefined) void load(name);
  }, [name]);
  if (section === undefined) return <div class="skeleton" role="status" aria-busy="true" />;
  if (section !== "failed") return <section.Shown />;
  return (
    <div class="state state-failed" role="alert">
      <h3>{t("error.unreachable")}</h3>
      <p>{t("error.section")}</p>
      {/* A module that failed stays failed in this document; a collector that was renewed has other files too. */}
      <button type="button" class="button" onClick={() => location.reload()}>
        {t("error.retry")}
      </button>
    </div>
  );
}
