import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Lines that no other integration knows, kept as they are. */
export const generic = definePlugin({
  id: "generic",
  name: "Generic",
  version: "1.0.0",
  description: "Lines of unknown format.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Lines that no other integration knows, kept as they are." },
    de: { description: "Zeilen, die keine andere Integration kennt, unverändert." },
  },
  parse: { dataTypes: ["generic"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
