import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells a chat of Telegram. */
export const telegram = definePlugin({
  id: "telegram",
  name: "Telegram",
  version: "1.0.0",
  description: "Notifications in a chat of Telegram.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Sends notifications to a person, group or channel of Telegram, as a bot." },
    de: {
      description:
        "Schickt Benachrichtigungen an eine Person, Gruppe oder einen Kanal bei Telegram, als Bot.",
    },
  },
  guarantees: "At least once: bots have no key for repeats, so one whose answer was lost may be shown twice.",
  connections: { bot: connection },
  notify: { channels: { bot: channel } },
});
