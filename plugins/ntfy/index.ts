import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells phones and desktops through ntfy. */
export const ntfy = definePlugin({
  id: "ntfy",
  name: "ntfy",
  version: "1.0.0",
  description: "Notifications on phones and desktops through ntfy.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      description: "Sends notifications to phones and desktops, through ntfy.sh or a server of your own.",
    },
    de: {
      description:
        "Schickt Benachrichtigungen an Telefone und Rechner, über ntfy.sh oder einen eigenen Server.",
    },
  },
  guarantees: "At least once: ntfy has no key for repeats, so one whose answer was lost may be shown twice.",
  connections: { topic: connection },
  notify: { channels: { topic: channel } },
});
