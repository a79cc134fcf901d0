import { definePlugin } from "@vedette/sdk";
import { assets } from "./assets.ts";
import { collect } from "./collect.ts";
import { enrich } from "./enrich.ts";
import { notify } from "./notify.ts";
import { settings } from "./settings.ts";

/** What this integration is for, in one sentence. */
export const template = definePlugin({
  id: "template",
  name: "Template",
  version: "1.0.0",
  description: "A plugin to copy, with one of each.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      description: "A plugin to copy, with one of each.",
      ...{ enabled: "Switched on", prefix: "Prefix of host names", feed: "Feed" },
    },
    de: {
      description: "Ein Plugin zum Kopieren.",
      ...{ enabled: "Eingeschaltet", prefix: "Präfix von Rechnernamen", feed: "Quelle" },
    },
  },
  guarantees: "What it promises about delivery: lines of the feed are stored once each.",
  // Keep the capabilities you need and delete the others, with their files.
  parse: { dataTypes: ["template"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  enrich,
  analyze: { rules: [new URL("./rules/too-many-failures.yaml", import.meta.url)] },
  collect,
  notify,
  assets,
});
