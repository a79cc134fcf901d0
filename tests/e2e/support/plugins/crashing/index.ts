import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin that is crashing." };

export const crashing = definePlugin({
  id: "crashing",
  name: "crashing",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, das sich schlecht benimmt." } },
  collect: {
    every: 1,
    // biome-ignore lint/correctness/useYield: it fails before it gives anything.
    *collect() {
      throw new Error("out of order");
    },
  },
});
