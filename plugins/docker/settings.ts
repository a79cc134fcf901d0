import { z } from "zod";

const MiB = 2 ** 20;
const patterns = z
  .array(
    z
      .string()
      .min(1)
      .max(512)
      .regex(/^[^\s\0]+$/, "Expected a name without spaces"),
  )
  .max(256)
  .default([]);

/** Settings of the `docker` input. */
export const settings = z.strictObject({
  socket: z
    .string()
    .min(1)
    .max(4_096)
    .default("/var/run/docker.sock")
    .describe("The engine's socket. Who may read it may do everything the engine can."),
  includeNames: patterns.describe("Only containers of these names; * stands for any text. Default: all."),
  excludeNames: patterns.describe("Not the containers of these names."),
  includeImages: patterns.describe("Only containers of these images."),
  excludeImages: patterns.describe("Not the containers of these images."),
  includeLabels: patterns.describe("Only containers with one of these labels: `name` or `name=value`."),
  excludeLabels: patterns.describe("Not the containers with one of these labels."),
  excludeSelf: z
    .boolean()
    .default(true)
    .describe("Leave out the container that this agent runs in: its own log would feed itself."),
  labels: patterns.describe("Labels of a container to keep as `log.input.label_<name>`."),
  streams: z
    .array(z.enum(["stdout", "stderr"]))
    .min(1)
    .default(["stdout", "stderr"])
    .describe("Which output to take."),
  startAt: z
    .enum(["beginning", "end"])
    .default("beginning")
    .describe("Where to begin with containers that run at the first start. Later ones are read whole."),
  maxLineBytes: z
    .int()
    .min(1_024)
    .max(4 * MiB)
    .default(MiB)
    .describe(
      "Longer lines are cut here, flagged and counted. Parts that the engine makes of a line are joined.",
    ),
  maxContainers: z
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe("Containers that are followed at the same time."),
  retrySeconds: z
    .number()
    .min(0.05)
    .max(3_600)
    .default(1)
    .describe("Shortest wait before the engine is asked again after a failure; it doubles with each."),
});

export type Settings = z.infer<typeof settings>;
