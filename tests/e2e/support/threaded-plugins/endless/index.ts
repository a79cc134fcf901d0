import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin that never comes back; in tests, in a thread of its own." };

export const endless = definePlugin({
  id: "endless",
  name: "endless",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, das nie zurückkommt." } },
  periodic: { tick: () => undefined },
  health: () => {
    for (;;);
  },
});
