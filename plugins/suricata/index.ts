import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Alerts, flows and protocol records of Suricata's EVE JSON. */
export const suricata = definePlugin({
  id: "suricata",
  name: "Suricata",
  version: "1.0.0",
  description: "Suricata EVE JSON.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Alerts, flows and protocol records of Suricata's EVE JSON." },
    de: { description: "Alarme, Flüsse und Protokolleinträge aus Suricatas EVE-JSON." },
  },
  parse: { dataTypes: ["suricata"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
