import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Access and error logs of the Apache HTTP server. */
export const apache = definePlugin({
  id: "apache",
  name: "Apache",
  version: "1.0.0",
  description: "Apache access and error logs.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Access and error logs of the Apache HTTP server." },
    de: { description: "Zugriffs- und Fehlerprotokolle des Apache-HTTP-Servers." },
  },
  parse: { dataTypes: ["apache"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
