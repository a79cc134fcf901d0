import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells a channel of Discord. */
export const discord = definePlugin({
  id: "discord",
  name: "Discord",
  version: "1.0.0",
  description: "Notifications in a channel of Discord.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Shows notifications in a channel of Discord, over a webhook." },
    de: { description: "Zeigt Benachrichtigungen in einem Discord-Kanal, über einen Webhook." },
  },
  guarantees:
    "At least once: webhooks of Discord have no key for repeats, so one whose answer was lost may be shown twice.",
  connections: { webhook: connection },
  notify: { channels: { webhook: channel } },
});
