import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin that is lying." };

export const lying = definePlugin({
  id: "lying",
  name: "lying",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, das sich schlecht benimmt." } },
  collect: {
    every: 1,
    collect: () => [
      { raw: 7 as never },
      { raw: "x".repeat(2_000_000) },
      { dataType: "../../etc", raw: "no type" },
      { raw: "poses", agentId: "agent-1", ingestedAt: "1999-01-01T00:00:00Z", unheardOf: { of: 1 } } as never,
      { raw: "no time", "@timestamp": "yesterday" },
    ],
  },
});
