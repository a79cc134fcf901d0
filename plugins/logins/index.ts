import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "brute-force",
  "login-after-failures",
  "distributed-guessing",
  "banned-again",
  "password-spraying",
  "spraying-then-login",
  "two-countries",
  "banned-yet-in",
] as const;

/** Guessed passwords in the logs of anything that people log in to, and bans that do not hold. */
export const logins = definePlugin({
  id: "logins",
  name: "Attacks on logins",
  version: "1.0.0",
  description: "Rules for logins of mail, Windows, firewalls, clouds and other services.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      description:
        "Finds guessed passwords in the logs of anything that people log in to, and bans that do not hold.",
    },
    de: {
      description:
        "Findet erratene Passwörter in den Protokollen von allem, woran man sich anmeldet, und Sperren, die nicht halten.",
    },
  },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
