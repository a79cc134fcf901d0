import { VedetteError } from "@vedette/sdk";
import type { MatchMemory } from "./memory.ts";

/** Throws `config.invalid` where the topic got other partitions since: what is remembered lies by the old number. */
export async function refuseOtherPartitions(
  memory: MatchMemory,
  topic: string,
  partitions: number,
): Promise<void> {
  const before = await memory.partitions();
  if (before === undefined || before === partitions) return;
  const message =
    `The topic "${topic}" has ${partitions} partitions, but what rules remember was placed by ${before}. Use a new ` +
    "topic: set collector.detect.topic to another name on all collectors and start them again; what the old topic's " +
    "owners remember is taken over.";
  throw new VedetteError("config.invalid", message, { verdict: "stop" });
}
