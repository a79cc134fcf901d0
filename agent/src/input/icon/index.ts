import { definePlugin, type InputCapability } from "@vedette/sdk";
import { z } from "zod";
import { type Settings, settings } from "./settings.ts";

/** Events of InsightConnect plugins: what their tasks give and their triggers send. Not in plugins/, as it needs core. */
export const icon = definePlugin({
  id: "icon",
  name: "InsightConnect plugin",
  version: "1.0.0",
  description: "Runs a task or a trigger of an InsightConnect plugin and takes its events.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Tasks and triggers of InsightConnect plugins." },
    de: { description: "Aufgaben und Auslöser von InsightConnect-Plugins." },
  },
  guarantees:
    "A task's page is on disk with its cursor before its rows go on, and a trigger's event is answered when it is on disk in the spool: a crash loses none and repeats none.",
  input: {
    settings,
    identity: ({ plugin, component }) => ({ plugin, component }),
    open: async (config, deps) => (await import("./open.ts")).openIcon(config, deps),
  } satisfies InputCapability<Settings>,
});
