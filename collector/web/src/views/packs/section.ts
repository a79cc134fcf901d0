import { manageTexts } from "../../i18n/manage/index.ts";
import { packTexts } from "../../i18n/packs/index.ts";
import { actionTexts } from "../../i18n/response/index.ts";
import type { Section } from "../../sections/section.ts";
import { Packs } from "./packs.tsx";

export const section: Section = { Shown: Packs, texts: [manageTexts, packTexts, actionTexts] };
