import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin that is hanging." };

export const hanging = definePlugin({
  id: "hanging",
  name: "hanging",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, das sich schlecht benimmt." } },
  health: () => new Promise(() => undefined),
  periodic: { every: 1, tick: () => undefined },
});
