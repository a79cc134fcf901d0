import { kafkaConnectionFields } from "@vedette/core/kafka";
import { kafkaAccessProblems, kafkaName } from "@vedette/sdk";
import { z } from "zod";

/** `agent.kafka`: ships batches through a topic instead of straight to a collector. */
export const kafkaTarget = z
  .strictObject({
    ...kafkaConnectionFields,
    topic: kafkaName.default("vedette-batches").describe("Topic that the collectors read."),
    window: z
      .int()
      .min(1)
      .max(1_024)
      .default(64)
      .describe(
        "Most batches in one request. Requests go out one after the other, so that batches keep their order.",
      ),
    ackTimeoutSeconds: z
      .number()
      .min(1)
      .max(3_600)
      .default(60)
      .describe("After this time without the brokers' acknowledgement the connection is made anew."),
  })
  .superRefine((access, context) => {
    for (const problem of kafkaAccessProblems(access)) context.addIssue(problem);
  });
