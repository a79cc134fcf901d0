import { once } from "node:events";
import { defineConnection, definePlugin, settings } from "@vedette/sdk";
import { z } from "zod";

const line = defineConnection({
  title: "Line",
  settings: z.strictObject({ number: z.string().max(50) }),
});
const said = { description: "Holds the connection `held` for as long as it may." };

/** Has a connection in hand nearly all the time. */
export const holding = definePlugin({
  id: "holding",
  name: "Holding",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({}),
  locales: { en: said, de: { description: "Hält die Verbindung `held` fest, solange es darf." } },
  connections: { line },
  periodic: {
    every: 1,
    async tick({ connection, signal }) {
      const isThere = await connection(line, "held").then(
        () => true,
        () => false,
      );
      if (isThere) await once(signal, "abort");
    },
  },
});
