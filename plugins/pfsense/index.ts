import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Packet filter log and logins of pfSense and OPNsense. */
export const pfsense = definePlugin({
  id: "pfsense",
  name: "pfSense and OPNsense",
  version: "1.0.0",
  description: "pfSense and OPNsense: packet filter and web interface.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Packet filter log and logins of pfSense and OPNsense." },
    de: { description: "Paketfilterprotokoll und Anmeldungen von pfSense und OPNsense." },
  },
  parse: { dataTypes: ["pfsense"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
