import { definePlugin, settings } from "@vedette/sdk";

const said = { description: "A plugin whose source says things twice." };
let call = 0;

export const repeating = definePlugin({
  id: "repeating",
  name: "repeating",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Ein Plugin, dessen Quelle sich wiederholt." } },
  duplicates: [
    {
      same: ["origin.ip", "origin.port", "log.kind"],
      // Longer than any test of it takes: it says the same every second.
      withinSeconds: 3_600,
      backfill: ["log.country", "origin.host"],
    },
    { same: ["log.ticket"], withinSeconds: 5 },
  ],
  collect: {
    every: 1,
    *collect() {
      call++;
      const at = new Date(Date.now() - 10_000).toISOString();
      const ban = { "@timestamp": at, origin: { ip: "192.0.2.77", port: 22 } };
      // In one call: the second adds what the first lacks. In later calls: the store has it.
      yield { ...ban, raw: `ban ${call}`, log: { kind: "ban" } };
      yield {
        ...ban,
        origin: { ...ban.origin, host: "late" },
        raw: `ban again ${call}`,
        log: { kind: "ban", country: "NO" },
      };
      yield { ...ban, origin: { ip: "192.0.2.77", port: 23 }, raw: "another port", log: { kind: "ban" } };
      yield {
        raw: `ticket ${call}`,
        "@timestamp": new Date(1_800_000_000_000 + call * 20_000).toISOString(),
        log: { ticket: "T-1" },
      };
    },
  },
});
