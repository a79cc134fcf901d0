import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Access and error logs of the nginx web server. */
export const nginx = definePlugin({
  id: "nginx",
  name: "nginx",
  version: "1.0.0",
  description: "nginx access and error logs.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Access and error logs of the nginx web server." },
    de: { description: "Zugriffs- und Fehlerprotokolle des Webservers nginx." },
  },
  parse: { dataTypes: ["nginx"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
