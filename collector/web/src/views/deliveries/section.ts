import { manageTexts } from "../../i18n/manage/index.ts";
import { responseTexts } from "../../i18n/response/index.ts";
import type { Section } from "../../sections/section.ts";
import { Deliveries } from "./deliveries.tsx";

export const section: Section = { Shown: Deliveries, texts: [manageTexts, responseTexts] };
