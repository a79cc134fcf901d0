import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells people by e-mail. */
export const email = definePlugin({
  id: "email",
  name: "E-mail",
  version: "1.0.0",
  description: "Notifications by e-mail, over any SMTP server.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Sends notifications by e-mail, over an SMTP server of your own or a provider's." },
    de: {
      description:
        "Schickt Benachrichtigungen per E-Mail, über einen eigenen SMTP-Server oder den eines Anbieters.",
    },
  },
  guarantees:
    "At least once: the Message-ID is the same at every attempt, by which many mail systems drop a second copy.",
  connections: { smtp: connection },
  notify: { channels: { smtp: channel } },
});
