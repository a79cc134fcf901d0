import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { page, texts, views, widgets } from "./views.ts";

/** Requests that the GeoBlock plugin of Traefik refused or let through by country. */
export const geoblock = definePlugin({
  id: "geoblock",
  name: "Traefik GeoBlock",
  version: "1.0.0",
  description: "Log of the GeoBlock plugin of Traefik.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      ...texts.en,
      description: "Requests that the GeoBlock plugin of Traefik refused or let through by country.",
    },
    de: {
      ...texts.de,
      description:
        "Anfragen, die das GeoBlock-Plugin von Traefik nach Land abgewiesen oder durchgelassen hat.",
    },
  },
  ...{ widgets, page, views },
  parse: { dataTypes: ["geoblock"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
