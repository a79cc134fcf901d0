import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Alerts and bans of the CrowdSec engine, and the access log of its local API. */
export const crowdsec = definePlugin({
  id: "crowdsec",
  name: "CrowdSec",
  version: "1.0.0",
  description: "CrowdSec log, text and JSON.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Alerts and bans of the CrowdSec engine, and the access log of its local API." },
    de: {
      description: "Alarme und Sperren der CrowdSec-Engine und das Zugriffsprotokoll ihrer lokalen API.",
    },
  },
  parse: { dataTypes: ["crowdsec"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
