import type { Dictionary } from "../index.ts";
import { alertsDe } from "./de.ts";
import { alertsEn } from "./en.ts";

/** Texts of alerts and of what is done about them. */
export const alertTexts: Dictionary = { en: alertsEn, de: alertsDe };
