import type { Kafka, KafkaAdmin } from "@vedette/core/kafka";

/** Records of each partition that the group has not committed, as brokers say. */
export type Lags = ReadonlyMap<number, number>;

/** Asks for the lag of all partitions of a topic. Rejects as the client does. */
export async function askLag(kafka: Kafka, group: string, topic: string): Promise<Lags> {
  const admin: KafkaAdmin = await kafka.admin();
  try {
    const [ends, committed] = await Promise.all([admin.ends(topic), admin.committed(group, topic)]);
    const reached = new Map(committed.map(({ partition, offset }) => [partition, offset]));
    return new Map(
      ends.map(({ partition, offset }) => {
        const at = reached.get(partition) ?? 0n;
        return [partition, Number(offset - (at > 0n ? at : 0n))];
      }),
    );
  } finally {
    await admin.close();
  }
}
