import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Firewall, logins, DHCP and system of MikroTik RouterOS. */
export const mikrotik = definePlugin({
  id: "mikrotik",
  name: "MikroTik",
  version: "1.0.0",
  description: "MikroTik RouterOS.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Firewall, logins, DHCP and system of MikroTik RouterOS." },
    de: { description: "Firewall, Anmeldungen, DHCP und System von MikroTik RouterOS." },
  },
  parse: { dataTypes: ["mikrotik"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
