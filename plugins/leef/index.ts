import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Any product that writes QRadar's Log Event Extended Format. */
export const leef = definePlugin({
  id: "leef",
  name: "LEEF",
  version: "1.0.0",
  description: "QRadar Log Event Extended Format.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Any product that writes QRadar's Log Event Extended Format." },
    de: { description: "Jedes Produkt, das QRadars Log Event Extended Format schreibt." },
  },
  parse: { dataTypes: ["leef"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
