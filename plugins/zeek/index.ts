import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Connections, protocols, files and notices of Zeek, in JSON or TSV. */
export const zeek = definePlugin({
  id: "zeek",
  name: "Zeek",
  version: "1.0.0",
  description: "Zeek logs in JSON and TSV.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Connections, protocols, files and notices of Zeek, in JSON or TSV." },
    de: { description: "Verbindungen, Protokolle, Dateien und Hinweise von Zeek, als JSON oder TSV." },
  },
  parse: {
    dataTypes: ["zeek"],
    pipelines: [new URL("./shapes.yaml", import.meta.url), new URL("./records.yaml", import.meta.url)],
  },
});
