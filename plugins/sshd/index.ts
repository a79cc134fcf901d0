import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = ["brute-force", "login-after-failures", "user-enumeration"] as const;

/** Logins, failed attempts and scans seen by the OpenSSH server. */
export const sshd = definePlugin({
  id: "sshd",
  name: "OpenSSH server",
  version: "1.0.0",
  description: "OpenSSH server messages in auth.log.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Logins, failed attempts and scans seen by the OpenSSH server." },
    de: { description: "Anmeldungen, Fehlversuche und Scans, wie der OpenSSH-Server sie sieht." },
  },
  parse: { dataTypes: ["sshd"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
