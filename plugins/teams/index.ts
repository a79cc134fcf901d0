import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells a channel or chat of Microsoft Teams. */
export const teams = definePlugin({
  id: "teams",
  name: "Microsoft Teams",
  version: "1.0.0",
  description: "Notifications in a channel or chat of Microsoft Teams.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Shows notifications in a channel or chat of Microsoft Teams, over a workflow." },
    de: {
      description:
        "Zeigt Benachrichtigungen in einem Kanal oder Chat von Microsoft Teams, über einen Workflow.",
    },
  },
  guarantees:
    "At least once: workflows have no key for repeats, so one whose answer was lost may be shown twice.",
  connections: { workflow: connection },
  notify: { channels: { workflow: channel } },
});
