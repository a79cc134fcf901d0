import { hostPort, tlsServerSettings } from "@vedette/sdk";
import { z } from "zod";
import { networks } from "../_net/networks.ts";

const KiB = 1_024;
const MiB = KiB * KiB;

const listener = z
  .strictObject({
    protocol: z.enum(["udp", "tcp", "tls"]).describe("How senders reach it."),
    address: hostPort.describe("Where it listens, `host:port`."),
    tls: tlsServerSettings.optional().describe("Certificate of a `tls` listener. TLS 1.2 and later."),
  })
  .superRefine(({ protocol, tls }, context) => {
    if (protocol === "tls" && tls === undefined)
      context.addIssue({
        code: "custom",
        message: "A tls listener needs tls.certFile and tls.keyFile",
        path: ["protocol"],
      });
    if (protocol !== "tls" && tls !== undefined)
      context.addIssue({
        code: "custom",
        message: `A ${protocol} listener has no certificate; write protocol: tls`,
        path: ["tls"],
      });
  });
export type Listener = z.infer<typeof listener>;

/** Settings of the syslog input. */
export const inputSettings = z.strictObject({
  listen: z
    .array(listener)
    .min(1)
    .max(64)
    .default([
      { protocol: "udp", address: "127.0.0.1:5514" },
      { protocol: "tcp", address: "127.0.0.1:5514" },
    ])
    .describe("Where senders are awaited. Loopback and the ports 5514 unless this says otherwise."),
  framing: z
    .enum(["auto", "newline", "nul", "octetCounting"])
    .default("auto")
    .describe(
      "How messages of a connection are told apart. `auto` sees counted ones by their count, and for the others takes the delimiter that ends the first.",
    ),
  dataSourceFrom: z
    .enum(["sender", "hostname"])
    .default("sender")
    .describe(
      "Where a log's `dataSource` comes from unless it is set: the sender's address, or the host that the message names, which any sender may invent.",
    ),
  allow: networks.describe(
    "Addresses and networks in CIDR form from which messages are taken. Default: all that can reach the listeners.",
  ),
  maxMessageBytes: z
    .int()
    .min(480)
    .max(MiB)
    .default(64 * KiB)
    .describe("Longer messages are cut here, flagged and counted."),
  maxConnections: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe("Connections of each listener at the same time; further ones are refused and counted."),
  idleSeconds: z
    .int()
    .min(1)
    .max(604_800)
    .default(86_400)
    .describe(
      "A connection that has been silent for this long is closed. Dead peers are found earlier by TCP keep-alive.",
    ),
  receiveBufferBytes: z
    .int()
    .min(4 * KiB)
    .max(256 * MiB)
    .default(8 * MiB)
    .describe(
      "Buffer in the kernel that a UDP listener asks for. The kernel's net.core.rmem_max may allow less.",
    ),
  queueBytes: z
    .int()
    .min(64 * KiB)
    .max(256 * MiB)
    .default(16 * MiB)
    .describe(
      "Messages that a UDP listener keeps while the spool makes it wait; further ones are lost and counted.",
    ),
});
export type SyslogSettings = z.infer<typeof inputSettings>;
