import { existsSync, readFileSync } from "node:fs";
import { definePlugin, setting, settings } from "@vedette/sdk";

export const myFirewall = definePlugin({
  id: "my_firewall",
  name: "My Firewall",
  version: "1.0.0",
  description: "Imports firewall events from a log file.",
  apiVersion: 1,
  settings: settings({
    enabled: setting.boolean(false, { help: "Imports events from My Firewall." }),
    logPath: setting.file("/var/log/my-firewall.log", { help: "Path to the firewall log file." }),
    pollInterval: setting.number(1, { min: 1, help: "Seconds between two looks at the file." }),
    token: setting.password({ help: "Sent to the firewall." }),
  }),
  locales: {
    en: {
      description: "Imports firewall events from a log file.",
      ...{ enabled: "My Firewall enabled", logPath: "Log path", pollInterval: "Every", token: "Token" },
    },
    de: {
      description: "Importiert Events einer Firewall aus einer Logdatei.",
      ...{ enabled: "My Firewall aktiviert", logPath: "Log-Pfad", pollInterval: "Alle", token: "Token" },
    },
  },
  health: ({ settings: { logPath } }) =>
    existsSync(logPath)
      ? { status: "healthy", message: `Log file readable: ${logPath}` }
      : { status: "error", message: `Log file not found: ${logPath}` },
  collect: {
    collect: ({ settings: { logPath } }) =>
      readFileSync(logPath, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((raw) => ({
          ...{ eventType: "security.firewall_block", severity: "medium", raw },
          origin: { ip: raw.split(" ")[1] ?? "" },
          "@timestamp": raw.split(" ")[0] ?? "",
        })),
  },
  duplicates: [{ same: ["origin.ip"], withinSeconds: 30 }],
});
