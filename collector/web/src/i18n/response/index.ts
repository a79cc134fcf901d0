import type { Dictionary } from "../index.ts";
import { actionsDe } from "./actions-de.ts";
import { actionsEn } from "./actions-en.ts";
import { responseDe } from "./de.ts";
import { responseEn } from "./en.ts";

/** Texts of what happens after something was found. */
export const responseTexts: Dictionary = { en: responseEn, de: responseDe };

/** Texts of actions. */
export const actionTexts: Dictionary = { en: actionsEn, de: actionsDe };
