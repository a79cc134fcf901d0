import type { Dictionary } from "../index.ts";
import { manageDe } from "./de.ts";
import { manageEn } from "./en.ts";

/** Texts of what is set up: plugins, connections and assets, and of forms. */
export const manageTexts: Dictionary = { en: manageEn, de: manageDe };
