import { rollupTexts } from "../../i18n/rollups/index.ts";
import type { Section } from "../../sections/section.ts";
import { Rollups } from "./rollups.tsx";

export const section: Section = { Shown: Rollups, texts: [rollupTexts] };
