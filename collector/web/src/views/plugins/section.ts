import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Plugins } from "./plugins.tsx";

export const section: Section = { Shown: Plugins, texts: [manageTexts] };
