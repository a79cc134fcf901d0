import { kafkaAccess, kafkaAccessProblems, kafkaName } from "@vedette/sdk";
import { z } from "zod";

const MiB = 2 ** 20;

/** Settings of the `kafka` input. */
export const settings = z
  .strictObject({
    brokers: kafkaAccess.brokers
      .default(["127.0.0.1:9092"])
      .describe("Brokers to ask first, `host:port`; they name the others."),
    topics: z.array(kafkaName).min(1).max(100).describe("Topics to read."),
    groupId: kafkaName
      .default("vedette")
      .describe("Consumer group. Agents of one group share the partitions; the broker keeps its place."),
    startAt: z
      .enum(["earliest", "latest"])
      .default("earliest")
      .describe("Where to begin with a partition of which the group has no place."),
    tls: kafkaAccess.tls,
    sasl: kafkaAccess.sasl,
    dangerouslyAllowPlaintext: kafkaAccess.dangerouslyAllowPlaintext,
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
  .superRefine((access, context) => {
    for (const problem of kafkaAccessProblems(access)) context.addIssue(problem);
  });

export type Settings = z.infer<typeof settings>;
