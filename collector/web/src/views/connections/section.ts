import { manageTexts } from "../../i18n/manage/index.ts";
import type { Section } from "../../sections/section.ts";
import { Connections } from "./connections.tsx";

export const section: Section = { Shown: Connections, texts: [manageTexts] };
