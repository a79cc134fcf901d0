import { kafkaAccess, kafkaAccessProblems } from "@vedette/sdk";
import { z } from "zod";

/** Fields of a connection to Kafka, for schemas that add their own; such a schema also refines with `kafkaAccessProblems`. */
export const kafkaConnectionFields = {
  ...kafkaAccess,
  clientId: z
    .string()
    .regex(/^[\w.-]{1,100}$/, "Expected up to 100 letters, digits and . _ -")
    .default("vedette")
    .describe("Name under which the brokers log this program."),
  client: z
    .enum(["platformatic", "kafkajs"])
    .default("platformatic")
    .describe("Library that talks to the brokers. Both pass the same tests; the default needs less CPU."),
};

/** How to reach a Kafka cluster: addresses, TLS, login, and the library that does it. */
export const kafkaConnection = z.strictObject(kafkaConnectionFields).superRefine((connection, context) => {
  for (const problem of kafkaAccessProblems(connection)) context.addIssue(problem);
});

export type KafkaConnection = z.infer<typeof kafkaConnection>;
