import { alertTexts } from "../../i18n/alerts/index.ts";
import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Silences } from "./silences.tsx";

export const section: Section = { Shown: Silences, texts: [manageTexts, alertTexts] };
