import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

export const settings = settingsOf({
  enabled: setting.boolean(false, { help: "Show assets, alerts, actions and counters in Home Assistant." }),
  broker: setting.connection("broker", { help: "The broker that Home Assistant listens to." }),
  assets: setting.boolean(true, {
    help: "An update for each program of an asset, and whether an asset is there.",
  }),
  publish: setting.select(["auto", "interval", "manual"], "auto", {
    help: "When assets are published: after a change, every so many seconds, or only when a person exports them.",
  }),
  publishInterval: setting.number(300, {
    ...{ min: 10, max: 86_400, visibleIf: { key: "publish", is: "interval" } },
    help: "Seconds between two looks at all assets.",
  }),
  messages: setting.boolean(true, {
    help: "Publish each alert, action and security event as JSON, for automations.",
  }),
  messagesPerMinute: setting.number(600, {
    ...{ min: 1, max: 60_000 },
    help: "Most of such messages in a minute; what is over it is only counted.",
  }),
  alarmSeverity: setting.select(["low", "medium", "high"], "high", {
    help: "Alerts of this severity and above switch the alarm on.",
  }),
  alarmSeconds: setting.number(300, { ...{ min: 1, max: 86_400 }, help: "Seconds that an alarm stays on." }),
});

export type Settings = z.infer<typeof settings>;
