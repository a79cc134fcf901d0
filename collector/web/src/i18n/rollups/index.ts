import type { Dictionary } from "../index.ts";
import { rollupsDe } from "./de.ts";
import { rollupsEn } from "./en.ts";

/** Texts of counts that outlive events. */
export const rollupTexts: Dictionary = { en: rollupsEn, de: rollupsDe };
