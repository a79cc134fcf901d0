import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Connections, refusals, VPN and logins of Cisco ASA and Firepower. */
export const ciscoAsa = definePlugin({
  id: "cisco-asa",
  name: "Cisco ASA",
  version: "1.0.0",
  description: "Cisco ASA and Firepower syslog.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Connections, refusals, VPN and logins of Cisco ASA and Firepower." },
    de: { description: "Verbindungen, Ablehnungen, VPN und Anmeldungen von Cisco ASA und Firepower." },
  },
  parse: {
    dataTypes: ["cisco-asa"],
    pipelines: [new URL("./traffic.yaml", import.meta.url), new URL("./sessions.yaml", import.meta.url)],
  },
});
