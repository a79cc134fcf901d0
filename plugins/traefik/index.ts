import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { page, texts, views, widgets } from "./views.ts";

/** Access logs of the Traefik proxy in JSON and common format, and its own log. */
export const traefik = definePlugin({
  id: "traefik",
  name: "Traefik",
  version: "1.0.0",
  description: "Traefik access logs (JSON, common format) and its own log.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      ...texts.en,
      description: "Access logs of the Traefik proxy in JSON and common format, and its own log.",
    },
    de: {
      ...texts.de,
      description:
        "Zugriffsprotokolle des Proxys Traefik in JSON und im üblichen Format, und sein eigenes Protokoll.",
    },
  },
  ...{ widgets, page, views },
  parse: { dataTypes: ["traefik"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
