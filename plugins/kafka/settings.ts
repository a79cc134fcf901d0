import { hostPort, isLoopbackAddress } from "@vedette/sdk";
import { z } from "zod";
import { tlsClientProblem, tlsClientSettings } from "../_net/tls-client.ts";

const MiB = 2 ** 20;
const name = z.string().regex(/^[\w.-]{1,249}$/, "Expected up to 249 letters, digits and . _ -");

/** Settings of the `kafka` input. */
export const settings = z
  .strictObject({
    brokers: z
      .array(hostPort)
      .min(1)
      .max(64)
      .default(["127.0.0.1:9092"])
      .describe("Brokers to ask first, `host:port`; they name the others."),
    topics: z.array(name).min(1).max(100).describe("Topics to read."),
    groupId: name
      .default("vedette")
      .describe("Consumer group. Agents of one group share the partitions; the broker keeps its place."),
    startAt: z
      .enum(["earliest", "latest"])
      .default("earliest")
      .describe("Where to begin with a partition of which the group has no place."),
    tls: tlsClientSettings
      .extend({ enabled: z.boolean().default(false).describe("Connect with TLS.") })
      .prefault({})
      .describe("Protection of the connections."),
    sasl: z
      .strictObject({
        mechanism: z
          .enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
          .default("SCRAM-SHA-512")
          .describe("How to log in."),
        username: z.string().min(1).max(1_024).describe("User to log in as."),
        password: z.string().min(1).max(8_192).describe("Password of the user; use `${secret:name}`."),
      })
      .optional()
      .describe("Login. Default: none."),
    dangerouslyAllowPlaintext: z
      .boolean()
      .default(false)
      .describe(
        "Connect without TLS to addresses other than loopback. Records and password travel unprotected.",
      ),
    key: z.boolean().default(false).describe("Keep the key of a record as `log.input.key`, at most 1 KiB."),
    headers: z
      .array(z.string().min(1).max(200))
      .max(32)
      .default([])
      .describe("Headers of a record to keep as `log.input.header_<name>`, at most 1 KiB each."),
    maxRecordBytes: z
      .int()
      .min(1_024)
      .max(4 * MiB)
      .default(MiB)
      .describe("Longer records are cut here, flagged and counted."),
    fetchBytes: z
      .int()
      .min(64 * 1_024)
      .max(64 * MiB)
      .default(8 * MiB)
      .describe("Most bytes of one answer of a broker; it bounds the memory that is used."),
    readUncommitted: z
      .boolean()
      .default(false)
      .describe("Take records of transactions that are not committed, or were aborted."),
    sessionTimeoutSeconds: z
      .int()
      .min(2)
      .max(1_800)
      .default(30)
      .describe("After this time without a sign of an agent its partitions go to others."),
  })
  .superRefine(({ brokers, tls, dangerouslyAllowPlaintext }, context) => {
    const open = brokers.findIndex((broker) => !isLoopbackAddress(broker));
    if (open >= 0 && !tls.enabled && !dangerouslyAllowPlaintext) {
      const message =
        "Records would travel unprotected; set tls.enabled, or allow it with dangerouslyAllowPlaintext.";
      context.addIssue({ code: "custom", message, path: ["brokers", open], input: brokers[open] });
    }
    const wrong = tlsClientProblem(tls);
    if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong, path: ["tls"], input: tls });
  });

export type Settings = z.infer<typeof settings>;
