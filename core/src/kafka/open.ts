import type { KafkaDeps } from "./deps.ts";
import type { KafkaConnection } from "./settings.ts";
import type { Kafka } from "./types.ts";

/** Opens nothing yet but reads the certificates: connections are made by what it returns. */
export async function openKafka(settings: KafkaConnection, deps: KafkaDeps): Promise<Kafka> {
  if (settings.client === "kafkajs") {
    const { openKafkajs } = await import("./kafkajs.ts");
    return await openKafkajs(settings, deps);
  }
  const { openPlatformatic } = await import("./platformatic.ts");
  return await openPlatformatic(settings, deps);
}
