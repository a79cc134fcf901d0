import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin that gives more than anybody takes." };

export const flooding = definePlugin({
  id: "flooding",
  name: "flooding",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, das mehr gibt, als jemand nimmt." } },
  periodic: {
    every: 30,
    tick: ({ emit }) => emit(...Array.from({ length: 20_000 }, (_, n) => ({ raw: `flood ${n}` }))),
  },
  assets: {
    every: 30,
    *assets() {
      for (let n = 0; ; n++) yield { id: `flood-${n}`, name: `flood ${n}` };
    },
  },
});
