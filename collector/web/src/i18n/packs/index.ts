import type { Dictionary } from "../index.ts";
import { packsDe } from "./de.ts";
import { packsEn } from "./en.ts";

/** Texts of packs of rules. */
export const packTexts: Dictionary = { en: packsEn, de: packsDe };
