import { definePlugin, type InputCapability } from "@vedette/sdk";
import { z } from "zod";
import { type HttpSettings, inputSettings } from "./settings.ts";

/** Logs and webhooks over HTTP: the one answer that means success is given after the logs are on disk. */
export const http = definePlugin({
  id: "http",
  name: "HTTP",
  version: "1.0.0",
  description: "Takes logs over HTTP: JSON, NDJSON and lines, compressed or not, and signed webhooks.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Logs and webhooks over HTTP." },
    de: { description: "Logs und Webhooks über HTTP." },
  },
  guarantees:
    "A request is answered with 200 after all its logs are on disk in the spool, and none of a request is taken that is refused. A sender that repeats what was not answered loses nothing; with `idempotency` a repeat within the life of the agent is not taken twice.",
  input: {
    settings: inputSettings,
    identity: ({ listen }) => ({ listen }),
    dataTypes: ({ routes }) => routes.flatMap(({ dataType }) => dataType ?? []),
    open: async (settings, deps) => (await import("./input.ts")).openHttp(settings, deps),
  } satisfies InputCapability<HttpSettings>,
});
