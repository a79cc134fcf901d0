import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** JSON objects, one a line. */
export const json = definePlugin({
  id: "json",
  name: "JSON",
  version: "1.0.0",
  description: "Any JSON object, one a line.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "JSON objects, one a line." },
    de: { description: "JSON-Objekte, eines je Zeile." },
  },
  parse: { dataTypes: ["json"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
