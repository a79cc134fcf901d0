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
});
