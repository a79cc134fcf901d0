import { alertTexts } from "../../i18n/alerts/index.ts";
import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Sources } from "./sources.tsx";

export const section: Section = { Shown: Sources, texts: [manageTexts, alertTexts] };
