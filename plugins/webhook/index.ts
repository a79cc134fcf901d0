import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells any program over HTTP. */
export const webhook = definePlugin({
  id: "webhook",
  name: "Webhook",
  version: "1.0.0",
  description: "Notifications as signed JSON over HTTP.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Sends notifications to an address of your own, as JSON with a signature." },
    de: { description: "Schickt Benachrichtigungen an eine eigene Adresse, als JSON mit Signatur." },
  },
  guarantees:
    "At least once: the header Idempotency-Key is the same at every attempt, so a receiver that remembers it takes each notification once.",
  connections: { endpoint: connection },
  notify: { channels: { endpoint: channel } },
});
