import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Assets } from "./assets.tsx";

export const section: Section = { Shown: Assets, texts: [manageTexts] };
