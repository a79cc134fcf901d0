import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "log-cleared",
  "encoded-powershell",
  "powershell-download",
  "office-child",
  "lsass-access",
  "credential-dump",
  "recovery-removed",
  "service-with-shell",
  "task-with-script",
  "admin-group",
  "asrep-roasting",
  "dcsync",
  "defender-off",
  "defender-found",
  "firewall-off",
  "lolbin-download",
  "script-proxy",
  "wmi-shell",
  "run-key",
  "hidden-account",
  "audit-policy",
  "uac-bypass",
  "script-from-download",
  "remote-thread",
  "domain-recon",
  "remote-desktop-outside",
  "admin-then-cleared",
  "kerberoasting",
  "many-lockouts",
  "looking-around",
] as const;

/** Windows events and Sysmon, as winlogbeat, NXLog, EvtxECmd or XML write them. */
export const windows = definePlugin({
  id: "windows",
  name: "Windows events",
  version: "1.0.0",
  description: "Windows event log and Sysmon, in JSON or XML.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Windows events and Sysmon, as winlogbeat, NXLog, EvtxECmd or XML write them." },
    de: {
      description: "Windows-Ereignisse und Sysmon, wie winlogbeat, NXLog, EvtxECmd oder XML sie schreiben.",
    },
  },
  parse: { dataTypes: ["windows"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
