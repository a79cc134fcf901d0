import { responseTexts } from "../../i18n/response/index.ts";
import type { Section } from "../../sections/section.ts";
import { AnswerByLink } from "./answer-by-link.tsx";

export const section: Section = { Shown: AnswerByLink, texts: [responseTexts] };
