import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "scan",
  "sensitive-path-probe",
  "sensitive-file-served",
  "path-traversal",
  "log4shell",
  "sql-injection",
  "shellshock",
  "cross-site-scripting",
  "command-injection",
  "web-shell",
  "scanner-agent",
  "login-form-brute-force",
  "basic-auth-brute-force",
  "known-exploit",
  "metadata-request",
  "backup-served",
  "script-uploaded",
  "open-proxy",
  "scan-then-upload",
  "errors-after-probing",
] as const;

/** Scans and attacks in the access logs of any web server. */
export const web = definePlugin({
  id: "web",
  name: "Web attacks",
  version: "1.0.0",
  description: "Rules for the access logs of web servers and proxies.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Finds scans, probes and known attacks in the access logs of any web server." },
    de: {
      description:
        "Findet Scans, Sondierungen und bekannte Angriffe in den Zugriffsprotokollen jedes Webservers.",
    },
  },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
