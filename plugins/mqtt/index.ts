import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";
import { input } from "./input.ts";

/** Messages of an MQTT broker. */
export const mqtt = definePlugin({
  id: "mqtt",
  name: "MQTT",
  version: "1.0.0",
  description: "Subscribes to topics of an MQTT broker, and publishes notifications.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Reads the messages of an MQTT broker's topics, and publishes notifications." },
    de: {
      description:
        "Liest die Nachrichten aus Themen eines MQTT-Brokers und veröffentlicht Benachrichtigungen.",
    },
  },
  guarantees:
    "QoS 1 and 2 are acknowledged only after the message is in the spool, so none is lost while the broker keeps the session. One that is delivered again after the agent was killed is recognised; after a power loss it may come twice. QoS 0 may be lost.",
  input,
  connections: { broker: connection },
  notify: { channels: { broker: channel } },
});
