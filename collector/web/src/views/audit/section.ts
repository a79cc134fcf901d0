import { alertTexts } from "../../i18n/alerts/index.ts";
import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Audit } from "./audit.tsx";

export const section: Section = { Shown: Audit, texts: [manageTexts, alertTexts] };
