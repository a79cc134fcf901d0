import { kafkaConnectionFields } from "@vedette/core/kafka";
import { kafkaAccessProblems, kafkaName } from "@vedette/sdk";
import { z } from "zod";

/** `collector.ingest.kafka`: where batches are taken from besides gRPC. */
export const kafkaIngestConfig = z
  .strictObject({
    ...kafkaConnectionFields,
    topic: kafkaName.default("vedette-batches").describe("Topic that the agents write to."),
    group: kafkaName
      .default("vedette-collectors")
      .describe("Consumer group. Collectors of one group and one store share the partitions."),
    member: kafkaName
      .optional()
      .describe(
        "Name of this collector in the group, another one for each: a restart within the session time then moves no partition.",
      ),
    sessionSeconds: z
      .int()
      .min(1)
      .max(1_800)
      .default(30)
      .describe("After this time without a sign of a collector its partitions go to others."),
    window: z
      .int()
      .min(1)
      .max(1_024)
      .default(16)
      .describe(
        "Batches of one partition that are being stored at the same time, or wait for an earlier one.",
      ),
    fetchMiB: z
      .int()
      .min(1)
      .max(512)
      .default(32)
      .describe("Most MiB asked for at once, over all partitions."),
    createTopics: z
      .strictObject({
        partitions: z
          .int()
          .min(1)
          .max(10_000)
          .default(12)
          .describe("Partitions: the most collectors that can share the work."),
        replicas: z.int().min(1).max(32).default(3).describe("Brokers that keep each batch."),
        retentionHours: z
          .int()
          .min(1)
          .max(87_600)
          .default(72)
          .describe("Hours that a batch waits for collectors before the brokers delete it."),
      })
      .optional()
      .describe("Make the topic where it is missing. Without it a missing topic is an error."),
  })
  .superRefine((access, context) => {
    for (const problem of kafkaAccessProblems(access)) context.addIssue(problem);
  });

export type KafkaIngestConfig = z.infer<typeof kafkaIngestConfig>;
