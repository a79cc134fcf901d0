import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "brute-force",
  "login-after-failures",
  "user-enumeration",
  "root-password-login",
  "elevation-denied",
  "elevation-guessing",
  "admin-group",
  "second-root",
  "service-account-login",
  "service-account-elevation",
  "shell-escape",
  "shadow-read",
  "logs-wiped",
  "pkexec-exploit",
  "account-made-administrator",
] as const;

/** The log of logins and accounts of a Linux host: OpenSSH, sudo, su, PAM, login, account tools. */
export const linuxAuth = definePlugin({
  id: "linux-auth",
  name: "Linux logins and accounts",
  version: "1.0.0",
  description: "auth.log and /var/log/secure: OpenSSH, sudo, su, PAM, login and the account tools.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Logins, elevated rights, sessions and changed accounts of a Linux host." },
    de: { description: "Anmeldungen, erhöhte Rechte, Sitzungen und geänderte Konten eines Linux-Rechners." },
  },
  // `sshd` is the OpenSSH server alone, `linux-auth` the whole log.
  parse: {
    dataTypes: ["sshd", "linux-auth"],
    pipelines: [new URL("./sshd.yaml", import.meta.url), new URL("./accounts.yaml", import.meta.url)],
  },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
