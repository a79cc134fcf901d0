import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin that holds the whole process once." };
let held = false;

export const holdingAll = definePlugin({
  id: "holding_all",
  name: "holding all",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, das einmal alles aufhält." } },
  periodic: {
    every: 5,
    tick: () => {
      if (held) return;
      held = true;
      for (const until = performance.now() + 300; performance.now() < until; );
    },
  },
});
