import { kafkaName } from "@vedette/sdk";
import { z } from "zod";

/** `collector.detect`: how collectors share what rules remember. */
export const detectConfig = z.strictObject({
  shared: z
    .boolean()
    .default(true)
    .describe(
      "Share what rules remember with other collectors through Kafka, so that counts, repeats and groups are right with any number of them. Only where `ingest.kafka` is set; a collector that is alone may switch it off.",
    ),
  topic: kafkaName
    .default("vedette-matches")
    .describe("Topic that collectors share it through. Made as `ingest.kafka.createTopics` says."),
  group: kafkaName
    .default("vedette-detection")
    .describe("Consumer group of that topic. Collectors of one group and one store share its partitions."),
  windows: z
    .strictObject({
      events: z
        .int()
        .min(1_000)
        .max(50_000_000)
        .default(500_000)
        .describe(
          "Events that the windows of correlations hold in all. The stalest of the lightest groups leave first.",
        ),
      memoryMiB: z.int().min(1).max(65_536).default(64).describe("Memory that they take, about."),
      groupEvents: z
        .int()
        .min(100)
        .max(1_000_000)
        .default(20_000)
        .describe("Events that are held of one group; the oldest leave first, counted."),
      latenessSeconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(60)
        .describe("How much later than the newest of its group an event may come and still be counted."),
    })
    .prefault({})
    .describe("Bounds of what correlations remember."),
});
export type DetectConfig = z.infer<typeof detectConfig>;
