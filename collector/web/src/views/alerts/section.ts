import { alertTexts } from "../../i18n/alerts/index.ts";
import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Alerts } from "./alerts.tsx";

export const section: Section = { Shown: Alerts, texts: [manageTexts, alertTexts] };
