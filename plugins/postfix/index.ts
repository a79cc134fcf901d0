import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = ["relay-probing", "address-harvesting", "account-sends-much"] as const;

/** Connections, logins, refused and delivered mail of the Postfix mail server. */
export const postfix = definePlugin({
  id: "postfix",
  name: "Postfix",
  version: "1.0.0",
  description: "Postfix mail log.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Connections, logins, refused and delivered mail of the Postfix mail server." },
    de: {
      description: "Verbindungen, Anmeldungen, abgewiesene und zugestellte Mails des Mailservers Postfix.",
    },
  },
  parse: { dataTypes: ["postfix"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
