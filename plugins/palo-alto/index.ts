import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Traffic, threats, system, configuration and GlobalProtect of PAN-OS. */
export const paloAlto = definePlugin({
  id: "palo-alto",
  name: "Palo Alto Networks",
  version: "1.0.0",
  description: "PAN-OS syslog.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Traffic, threats, system, configuration and GlobalProtect of PAN-OS." },
    de: { description: "Verkehr, Bedrohungen, System, Konfiguration und GlobalProtect von PAN-OS." },
  },
  parse: {
    dataTypes: ["palo-alto"],
    pipelines: [new URL("./columns.yaml", import.meta.url), new URL("./records.yaml", import.meta.url)],
  },
});
