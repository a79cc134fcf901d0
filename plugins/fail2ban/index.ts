import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Bans, unbans and counted failures of fail2ban. */
export const fail2ban = definePlugin({
  id: "fail2ban",
  name: "fail2ban",
  version: "1.0.0",
  description: "fail2ban log.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Bans, unbans and counted failures of fail2ban." },
    de: { description: "Sperren, Entsperrungen und gezählte Fehlversuche von fail2ban." },
  },
  parse: { dataTypes: ["fail2ban"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
