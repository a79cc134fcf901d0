import { alertTexts } from "../../i18n/alerts/index.ts";
import { responseTexts } from "../../i18n/response/index.ts";
import type { Section } from "../../sections/section.ts";
import { AddressExplorer } from "./address.tsx";

export const section: Section = { Shown: AddressExplorer, texts: [alertTexts, responseTexts] };
