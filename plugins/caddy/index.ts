import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Access logs of the Caddy web server in JSON, and its own log. */
export const caddy = definePlugin({
  id: "caddy",
  name: "Caddy",
  version: "1.0.0",
  description: "Caddy JSON logs.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Access logs of the Caddy web server in JSON, and its own log." },
    de: { description: "Zugriffsprotokolle des Webservers Caddy in JSON und sein eigenes Protokoll." },
  },
  parse: { dataTypes: ["caddy"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
