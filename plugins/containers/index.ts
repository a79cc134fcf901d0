import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "pod-exec",
  "privileged-pod",
  "cluster-admin",
  "secrets-listed",
  "anonymous-access",
  "miner-output",
] as const;

/** Misuse of Kubernetes in its audit log, written as JSON lines, and miners in the output of containers. */
export const containers = definePlugin({
  id: "containers",
  name: "Attacks on containers",
  version: "1.0.0",
  description: "Rules for the audit log of Kubernetes and the output of containers.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      description: "Finds misuse of Kubernetes in its audit log, and miners in the output of containers.",
    },
    de: {
      description:
        "Findet Missbrauch von Kubernetes in dessen Audit-Protokoll und Miner in der Ausgabe von Containern.",
    },
  },
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
