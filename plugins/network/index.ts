import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "inside-port-scan",
  "outside-port-scan",
  "inside-sweep",
  "mining-pool",
  "dns-tunnel",
  "generated-names",
  "ids-malware",
  "ids-exploit",
  "zeek-password-guessing",
  "large-upload",
  "exposed-service",
  "program-from-address",
  "firewall-login-outside",
  "firewall-admin-created",
  "firewall-log-off",
  "slow-port-scan",
  "upload-in-pieces",
] as const;

/** Scans, tunnels, malware traffic and changes of firewalls, in the logs of any firewall or network sensor. */
export const network = definePlugin({
  id: "network",
  name: "Network attacks",
  version: "1.0.0",
  description: "Rules for the logs of firewalls and network sensors.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      description:
        "Finds scans, tunnels, malware traffic and suspicious changes in the logs of any firewall or network sensor.",
    },
    de: {
      description:
        "Findet Scans, Tunnel, Verkehr von Schadsoftware und verdächtige Änderungen in den Protokollen jeder Firewall und jedes Netzwerksensors.",
    },
  },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
