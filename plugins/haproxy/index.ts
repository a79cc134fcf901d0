import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** HTTP and TCP logs of HAProxy behind a syslog header. */
export const haproxy = definePlugin({
  id: "haproxy",
  name: "HAProxy",
  version: "1.0.0",
  description: "HAProxy HTTP and TCP logs.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "HTTP and TCP logs of HAProxy behind a syslog header." },
    de: { description: "HTTP- und TCP-Protokolle von HAProxy hinter einem Syslog-Kopf." },
  },
  parse: { dataTypes: ["haproxy"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
