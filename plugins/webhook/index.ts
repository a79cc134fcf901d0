import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { action } from "./action.ts";
import { channel, connection } from "./channel.ts";

/** Tells any program over HTTP. */
export const webhook = definePlugin({
  id: "webhook",
  name: "Webhook",
  version: "1.0.0",
  description: "Notifications and actions as signed JSON over HTTP.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: {
      description: "Sends notifications and actions to an address of your own, as JSON with a signature.",
      ...{ contain: "Contain over a webhook", call: "Call a webhook" },
      "contain.help": "Asks a program of your own to block, and when the time is over to undo it.",
      "call.help": "Asks a program of your own to do something about the target.",
      ...{ "contain.connection": "Connection", "call.connection": "Connection" },
    },
    de: {
      description: "Schickt Benachrichtigungen und Aktionen an eine eigene Adresse, als JSON mit Signatur.",
      ...{ contain: "Über einen Webhook eindämmen", call: "Einen Webhook aufrufen" },
      "contain.help":
        "Bittet ein eigenes Programm, zu sperren und es nach Ablauf der Zeit wieder aufzuheben.",
      "call.help": "Bittet ein eigenes Programm, mit dem Ziel etwas zu tun.",
      ...{ "contain.connection": "Verbindung", "call.connection": "Verbindung" },
    },
  },
  guarantees:
    "At least once: the header Idempotency-Key is the same at every attempt, so a receiver that remembers it takes each notification once. An action whose outcome is not known is never repeated by itself; its undo is, until the receiver says yes.",
  connections: { endpoint: connection },
  action,
  notify: { channels: { endpoint: channel } },
});
