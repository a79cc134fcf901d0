import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Access logs of the Traefik proxy in JSON. */
export const traefik = definePlugin({
  id: "traefik",
  name: "Traefik",
  version: "1.0.0",
  description: "Traefik JSON access logs.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Access logs of the Traefik proxy in JSON." },
    de: { description: "Zugriffsprotokolle des Proxys Traefik in JSON." },
  },
  parse: { dataTypes: ["traefik"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
