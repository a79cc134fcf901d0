import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Any product that writes the ArcSight Common Event Format. */
export const cef = definePlugin({
  id: "cef",
  name: "CEF",
  version: "1.0.0",
  description: "ArcSight Common Event Format.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Any product that writes the ArcSight Common Event Format." },
    de: { description: "Jedes Produkt, das das ArcSight Common Event Format schreibt." },
  },
  parse: { dataTypes: ["cef"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
