import { alertTexts } from "../../i18n/alerts/index.ts";
import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Risks } from "./risks.tsx";

export const section: Section = { Shown: Risks, texts: [manageTexts, alertTexts] };
