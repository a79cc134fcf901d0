import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Lines with a syslog header, whatever the program. */
export const syslog = definePlugin({
  id: "syslog",
  name: "Syslog",
  version: "1.0.0",
  description: "Plain syslog lines, RFC 3164 and RFC 5424.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Lines with a syslog header, whatever the program." },
    de: { description: "Zeilen mit Syslog-Kopf, gleich von welchem Programm." },
  },
  parse: { dataTypes: ["syslog"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
