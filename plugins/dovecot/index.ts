import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Logins and failed attempts at the Dovecot mail server. */
export const dovecot = definePlugin({
  id: "dovecot",
  name: "Dovecot",
  version: "1.0.0",
  description: "Dovecot mail log.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Logins and failed attempts at the Dovecot mail server." },
    de: { description: "Anmeldungen und Fehlversuche am Mailserver Dovecot." },
  },
  parse: { dataTypes: ["dovecot"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
