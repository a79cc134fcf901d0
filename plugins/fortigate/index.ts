import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Traffic, security and system events of Fortinet FortiGate. */
export const fortigate = definePlugin({
  id: "fortigate",
  name: "FortiGate",
  version: "1.0.0",
  description: "Fortinet FortiGate logs.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Traffic, security and system events of Fortinet FortiGate." },
    de: { description: "Verkehr, Sicherheits- und Systemereignisse von Fortinet FortiGate." },
  },
  parse: { dataTypes: ["fortigate"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
