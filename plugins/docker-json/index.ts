import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Output of containers as Docker's json-file driver writes it. */
export const dockerJson = definePlugin({
  id: "docker-json",
  name: "Docker JSON files",
  version: "1.0.0",
  description: "Container output in Docker JSON files.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Output of containers as Docker's json-file driver writes it." },
    de: { description: "Ausgaben von Containern, wie der json-file-Treiber von Docker sie schreibt." },
  },
  parse: { dataTypes: ["docker-json"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
