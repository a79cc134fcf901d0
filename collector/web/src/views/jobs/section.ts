import { manageTexts } from "../../i18n/manage/index.ts";
import { responseTexts } from "../../i18n/response/index.ts";
import type { Section } from "../../sections/section.ts";
import { Jobs } from "./jobs.tsx";

export const section: Section = { Shown: Jobs, texts: [manageTexts, responseTexts] };
