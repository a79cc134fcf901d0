import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

export const settings = settingsOf({
  enabled: setting.boolean(false, {
    help: "Talk to CrowdSec from the collector: ban, lift, and read decisions.",
  }),
  transport: setting.select(["lapi", "cscli"], "lapi", {
    help: "Over the local API, or with the command on the collector's host.",
  }),
  connection: setting.connection("lapi", {
    help: "Connection to the local API.",
    visibleIf: { key: "transport", is: "lapi" },
  }),
  cscliPath: setting.text("/usr/bin/cscli", {
    max: 400,
    pattern: /^\/[^\0]+$/,
    help: "Absolute path of the command.",
    visibleIf: { key: "transport", is: "cscli" },
  }),
  decisions: setting.boolean(true, {
    help: "Store decisions as events. Over the local API this needs the key of a bouncer.",
  }),
  origins: setting.text("crowdsec,cscli,cscli-import,console", {
    max: 500,
    pattern: /^([\w:.-]+(,[\w:.-]+)*)?$/,
    help: "Origins of decisions that are stored, with commas between them. Empty: all, with the community's.",
  }),
  pollInterval: setting.number(10, { min: 2, max: 3_600, help: "Seconds between two looks for decisions." }),
});
export type Settings = z.infer<typeof settings>;
