import { VedetteError } from "@vedette/sdk";
import { partitionOfKey } from "./murmur2.ts";
import type { KafkaProducer, OutgoingRecord, PartitionOffset } from "./types.ts";

/** Bytes of one request, as long as it has more than one call in it: well under the `max.message.bytes` that brokers have. */
const requestBytes = 512 * 1_024;

/** What a library does for the producer. Its errors are ours already. */
export interface Sender {
  /** Number of partitions of a topic. */
  partitions(topic: string): Promise<number>;
  /** Sends the records as one batch and resolves with the offset of the first, when all in-sync replicas have them. */
  send(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<bigint>;
  close(): Promise<void>;
}

interface Call {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  resolve(first: bigint): void;
  reject(error: unknown): void;
}

/** A failure, and the last call that was made before it: what should follow a call that failed must not overtake it. */
interface Failed {
  readonly upTo: number;
  readonly error: unknown;
}

interface Lane {
  readonly waiting: Call[];
  running: boolean;
  /** The last failure that may pass. */
  failed: Failed | undefined;
}

/**
 * Keeps the order of a partition: one request of it is under way, and what is called for meanwhile goes with the next one.
 * When a request fails and may succeed later, what waited behind it fails too, so that no later record overtakes it.
 */
export class OrderedProducer implements KafkaProducer {
  readonly #sender: Sender;
  readonly #lanes = new Map<string, Lane>();
  readonly #running = new Set<Promise<void>>();
  /** Order of the calls is order of the partition, also while the number of partitions is asked for. */
  #placing: Promise<unknown> = Promise.resolve();
  /** Topics of which the partitions could not be asked for. */
  readonly #unplaced = new Map<string, Failed>();
  #turn = 0;
  #calls = 0;
  #closed = false;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<readonly PartitionOffset[]> {
    if (records.length === 0) return [];
    const call = ++this.#calls;
    const placed = this.#placing.then(() => this.#place(topic, records, call));
    this.#placing = placed.catch(() => {});
    // The calls are queued before the next one is placed; the answers are awaited outside of that line.
    const { answers } = await placed;
    return await answers;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#sender.close();
  }

  async #place(topic: string, records: readonly OutgoingRecord[], call: number) {
    if (this.#closed) {
      throw new VedetteError("transport.unavailable", "The producer is closed.", { verdict: "stop" });
    }
    const failed = this.#unplaced.get(topic);
    if (failed && call <= failed.upTo) throw failed.error;
    let count: number;
    try {
      count = await this.#sender.partitions(topic);
    } catch (error) {
      this.#unplaced.set(topic, { upTo: this.#calls, error });
      throw error;
    }
    const byPartition = new Map<number, number[]>();
    const keyless = this.#turn++ % count;
    for (const [index, { key, partition }] of records.entries()) {
      const place = partition ?? (key === undefined ? keyless : partitionOfKey(key, count));
      if (place >= count) {
        const message = `The topic ${topic} has ${count} partitions; there is no partition ${place}.`;
        throw new VedetteError("transport.refused", message, { verdict: "stop" });
      }
      const indexes = byPartition.get(place);
      if (indexes) indexes.push(index);
      else byPartition.set(place, [index]);
    }
    const queued = [...byPartition].flatMap(([partition, indexes]) =>
      chunksOf(indexes, records).map(async (chunk): Promise<Placed> => {
        const own = chunk.flatMap((index) => records[index] ?? []);
        return { partition, indexes: chunk, first: await this.#enqueue(topic, partition, own, call) };
      }),
    );
    return { answers: placesOf(topic, records.length, queued) };
  }

  async #enqueue(
    topic: string,
    partition: number,
    records: readonly OutgoingRecord[],
    call: number,
  ): Promise<bigint> {
    const key = `${topic}/${partition}`;
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = { waiting: [], running: false, failed: undefined };
      this.#lanes.set(key, lane);
    }
    const { waiting, failed } = lane;
    // It was made before the failure was known; what it should follow is not there.
    if (failed && call <= failed.upTo) throw failed.error;
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    const answer = new Promise<bigint>((resolve, reject) => {
      waiting.push({ records, bytes, resolve, reject });
    });
    if (!lane.running) {
      const running = this.#run(lane, topic, partition).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
    return await answer;
  }

  async #run(lane: Lane, topic: string, partition: number): Promise<void> {
    lane.running = true;
    // What is called for in one turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (lane.waiting.length > 0) {
      const calls = nextRequest(lane.waiting);
      try {
        let offset = await this.#sender.send(
          topic,
          partition,
          calls.flatMap(({ records }) => records),
        );
        for (const { records, resolve } of calls) {
          resolve(offset);
          offset += BigInt(records.length);
        }
      } catch (error) {
        if (error instanceof VedetteError && error.verdict.verdict === "stop" && calls.length > 1) {
          // One of them is at fault: each gets its own answer.
          lane.waiting.unshift(...calls.map((call) => ({ ...call, bytes: requestBytes })));
          continue;
        }
        const stays = error instanceof VedetteError && error.verdict.verdict === "stop";
        if (!stays) lane.failed = { upTo: this.#calls, error };
        for (const { reject } of stays ? calls : [...calls, ...lane.waiting.splice(0)]) reject(error);
      }
    }
    lane.running = false;
  }
}

interface Placed {
  readonly partition: number;
  /** Which records of the call these are. */
  readonly indexes: readonly number[];
  readonly first: bigint;
}

async function placesOf(
  topic: string,
  count: number,
  queued: readonly Promise<Placed>[],
): Promise<readonly PartitionOffset[]> {
  const settled = await Promise.allSettled(queued);
  const places: PartitionOffset[] = Array.from({ length: count });
  for (const result of settled) {
    if (result.status === "rejected") throw result.reason;
    const { partition, indexes, first } = result.value;
    for (const [nth, index] of indexes.entries()) {
      places[index] = { topic, partition, offset: first + BigInt(nth) };
    }
  }
  return places;
}

/** Cuts what one call has for a partition into requests. */
function chunksOf(indexes: readonly number[], records: readonly OutgoingRecord[]): number[][] {
  const chunks: number[][] = [];
  let bytes = requestBytes;
  for (const index of indexes) {
    const record = records[index];
    const size = record === undefined ? 0 : sizeOf(record);
    if (bytes + size > requestBytes) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(index);
    bytes += size;
  }
  return chunks;
}

/** Takes the calls of one request off the queue: at least one, and more as long as they fit. */
function nextRequest(waiting: Call[]): Call[] {
  const calls: Call[] = [];
  let bytes = 0;
  for (let call = waiting[0]; call !== undefined; call = waiting[0]) {
    bytes += call.bytes;
    if (calls.length > 0 && bytes > requestBytes) break;
    calls.push(call);
    waiting.shift();
  }
  return calls;
}

const sizeOf = ({ value, key, headers }: OutgoingRecord): number =>
  value.length +
  (key?.length ?? 0) +
  (headers === undefined ? 0 : Object.entries(headers).join().length) +
  64;
