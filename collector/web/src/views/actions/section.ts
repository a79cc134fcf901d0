import { manageTexts } from "../../i18n/manage/index.ts";
import { actionTexts, responseTexts } from "../../i18n/response/index.ts";
import type { Section } from "../../sections/section.ts";
import { Actions } from "./actions.tsx";

export const section: Section = { Shown: Actions, texts: [manageTexts, responseTexts, actionTexts] };
