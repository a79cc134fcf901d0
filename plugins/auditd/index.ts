import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "audit-rules-removed",
  "audit-stopped",
  "download-to-shell",
  "decoded-to-shell",
  "reverse-shell",
  "run-from-temp",
  "web-account-recon",
  "setuid-set",
  "kernel-module",
  "cron-created",
  "preload-changed",
  "ssh-key-added",
  "privileged-crash",
  "protection-off",
] as const;

/** Logins, commands, system calls and refusals of the Linux audit system. */
export const auditd = definePlugin({
  id: "auditd",
  name: "Linux audit",
  version: "1.0.0",
  description: "Records of the Linux audit system.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Logins, commands, system calls and refusals of the Linux audit system." },
    de: { description: "Anmeldungen, Befehle, Systemaufrufe und Verweigerungen des Linux-Audit-Systems." },
  },
  parse: { dataTypes: ["auditd"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
