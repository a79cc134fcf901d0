import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";

/** Tells a room of Matrix. */
export const matrix = definePlugin({
  id: "matrix",
  name: "Matrix",
  version: "1.0.0",
  description: "Notifications in a room of Matrix.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Sends notifications to a room of Matrix that is not encrypted." },
    de: { description: "Schickt Benachrichtigungen in einen unverschlüsselten Matrix-Raum." },
  },
  guarantees: "Once: the server knows a repeat by its transaction id.",
  connections: { room: connection },
  notify: { channels: { room: channel } },
});
