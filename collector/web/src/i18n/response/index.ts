import type { Dictionary } from "../index.ts";
import { responseDe } from "./de.ts";
import { responseEn } from "./en.ts";

/** Texts of what happens after something was found. */
export const responseTexts: Dictionary = { en: responseEn, de: responseDe };
