import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

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
});
