import { Consumer } from "@platformatic/kafka";
import type { KafkaDeps } from "./deps.ts";
import { guard } from "./failure.ts";
import { platformaticOptions } from "./platformatic.ts";
import { recordsOf } from "./platformatic-fetcher.ts";
import type { KafkaConnection } from "./settings.ts";
import type { IncomingRecord } from "./types.ts";

/** Records may be large; this many partitions tell enough. */
const mostPartitions = 16;

/**
 * The newest record of each of the first partitions that have one, without a group: nothing is joined or committed. Always
 * through the default library, as the other one reads as a member of a group only.
 */
export async function newestRecords(
  settings: KafkaConnection,
  topic: string,
  deps: KafkaDeps,
): Promise<readonly IncomingRecord[]> {
  const options = await platformaticOptions(settings, deps);
  const consumer = new Consumer({ ...options, groupId: `${settings.clientId}-probe`, autocommit: false });
  const { brokers } = settings;
  return await guard({ brokers, topic }, async () => {
    try {
      consumer.topics.track(topic);
      const { topics } = await consumer.metadata({ topics: [topic] });
      const known = topics.get(topic);
      const [first, end] = await Promise.all(
        [-2n, -1n].map((timestamp) => consumer.listOffsets({ topics: [topic], timestamp })),
      );
      const found: IncomingRecord[] = [];
      for (const [partition, { leader }] of (known?.partitions ?? []).entries()) {
        const last = (end?.get(topic)?.[partition] ?? 0n) - 1n;
        if (found.length >= mostPartitions) break;
        if (last < (first?.get(topic)?.[partition] ?? 0n)) continue;
        const { responses } = await consumer.fetch({
          ...{ node: leader, maxBytes: 1_024, maxWaitTime: 1_000, minBytes: 1, isolationLevel: 0 },
          topics: [
            {
              topicId: known?.id ?? "",
              partitions: [
                {
                  ...{ partition, fetchOffset: last, partitionMaxBytes: 1_024 },
                  ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
                },
              ],
            },
          ],
        });
        const batches = responses[0]?.partitions[0]?.records ?? [];
        found.push(...recordsOf({ topic, partition }, batches, last).records);
      }
      return found;
    } finally {
      await consumer.close(true);
    }
  });
}
