import { isLoopback, tlsClientProblem, tlsClientSettings } from "@vedette/sdk";
import { z } from "zod";

const MiB = 2 ** 20;

const topicFilter = z
  .string()
  .min(1)
  .max(1_000)
  .refine(
    (filter) =>
      !filter.includes("\0") &&
      filter
        .split("/")
        .every(
          (level, index, levels) =>
            (level === "#" && index === levels.length - 1) || level === "+" || !/[#+]/.test(level),
        ),
    "Expected a topic in which + stands for a whole level and # for all further ones at the end",
  );

/** Settings of the `mqtt` input. */
export const settings = z
  .strictObject({
    url: z
      .string()
      .max(2_000)
      .regex(
        /^mqtts?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/,
        "Expected mqtt://host:port or mqtts://host:port",
      )
      .refine((text) => URL.canParse(text), "Expected a port up to 65535")
      .default("mqtt://127.0.0.1:1883")
      .describe("The broker: `mqtts://` with TLS (port 8883), `mqtt://` without (port 1883, loopback only)."),
    topics: z
      .array(topicFilter)
      .min(1)
      .max(256)
      .describe("Topics to subscribe to; + stands for one level, # for all further ones."),
    qos: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .default(1)
      .describe(
        "Quality of service to ask for. 1 and 2 are acknowledged only after the message is on disk; 0 may be lost.",
      ),
    protocol: z.enum(["5", "3.1.1"]).default("5").describe("Version of MQTT that the broker speaks."),
    clientId: z
      .string()
      .regex(/^[\w.:-]{1,128}$/, "Expected up to 128 letters, digits and . : _ -")
      .optional()
      .describe(
        "Name of the session at the broker; two clients must not share one. Default: made from agent and input.",
      ),
    username: z.string().min(1).max(1_024).optional().describe("User to log in as."),
    password: z.string().max(8_192).optional().describe("Password of the user; use `${secret:name}`."),
    tls: tlsClientSettings.prefault({}).describe("Settings of `mqtts://`."),
    dangerouslyAllowPlaintext: z
      .boolean()
      .default(false)
      .describe(
        "Allow `mqtt://` to an address other than loopback. Messages and password travel unprotected.",
      ),
    retained: z
      .boolean()
      .default(false)
      .describe(
        "Take messages that the broker kept from before, which come again with each new subscription.",
      ),
    maxPayloadBytes: z
      .int()
      .min(1_024)
      .max(4 * MiB)
      .default(MiB)
      .describe("Longer messages are cut here, flagged and counted."),
    maxInFlight: z.int().min(1).max(1_000).default(80).describe("Most messages taken and not yet on disk."),
    ackWithinMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(50)
      .describe("How long an acknowledgement may wait for more messages to share a write to disk."),
    keepAliveSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(30)
      .describe("Longest silence on the connection; a broker that stays silent longer is given up."),
    sessionExpirySeconds: z
      .int()
      .min(0)
      .max(4_294_967_295)
      .default(7 * 86_400)
      .describe(
        "How long the broker keeps messages for an agent that is away. MQTT 5 only; others decide themselves.",
      ),
    reconnectSeconds: z
      .number()
      .min(0.05)
      .max(3_600)
      .default(1)
      .describe("Shortest wait before a new connection; it doubles with each failure."),
    maxReconnectSeconds: z
      .number()
      .min(0.05)
      .max(3_600)
      .default(60)
      .describe("Longest wait before a new connection."),
  })
  .superRefine(({ url, dangerouslyAllowPlaintext, tls, username, password }, context) => {
    const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
    if (protocol === "mqtt:" && !dangerouslyAllowPlaintext && !isLoopback(hostname.replace(/^\[|\]$/g, ""))) {
      const message = `Messages would travel unprotected from ${hostname}; use mqtts://, or allow it with dangerouslyAllowPlaintext.`;
      context.addIssue({ code: "custom", message, path: ["url"], input: url });
    }
    const wrong = tlsClientProblem(tls);
    if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong, path: ["tls"], input: tls });
    if (password !== undefined && username === undefined) {
      const message = "A password needs a username.";
      context.addIssue({ code: "custom", message, path: ["password"], input: "" });
    }
  });

export type Settings = z.infer<typeof settings>;
