import { definePlugin } from "@vedette/sdk";
import { enrich } from "./enrich.ts";
import { settings } from "./settings.ts";

/** What this integration is for, in one sentence. */
export const template = definePlugin({
  id: "template",
  name: "Template",
  version: "1.0.0",
  description: "A plugin to copy: one pipeline, one rule, one enricher.",
  apiVersion: 1,
  settings,
  locales: {
    en: { description: "A plugin to copy.", enabled: "Switched on", prefix: "Prefix of host names" },
    de: {
      description: "Ein Plugin zum Kopieren.",
      enabled: "Eingeschaltet",
      prefix: "Präfix von Rechnernamen",
    },
  },
  guarantees: "What it promises about delivery: nothing is read here, so nothing can be lost.",
  // Keep the capabilities you need and delete the others.
  parse: { dataTypes: ["template"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  enrich,
  analyze: { rules: [new URL("./rules/too-many-failures.yaml", import.meta.url)] },
});
