import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells a channel of Slack. */
export const slack = definePlugin({
  id: "slack",
  name: "Slack",
  version: "1.0.0",
  description: "Notifications in a channel of Slack.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Shows notifications in a channel of Slack, over an incoming webhook." },
    de: { description: "Zeigt Benachrichtigungen in einem Slack-Kanal, über einen Incoming Webhook." },
  },
  guarantees: "At least once: Slack has no key for repeats, so one whose answer was lost may be shown twice.",
  connections: { incoming: connection },
  notify: { channels: { incoming: channel } },
});
