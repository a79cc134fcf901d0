const m = 0x5bd1e995;
const seed = 0x9747b28c;

/**
 * The hash by which Kafka's own producers choose a partition: MurmurHash2 (32 bits) of Austin Appleby with the seed and the
 * reading order of `org.apache.kafka.common.utils.Utils.murmur2`. Returns a signed 32-bit number as Java does.
 */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  let h = seed ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = byte(data, i) | (byte(data, i + 1) << 8) | (byte(data, i + 2) << 16) | (byte(data, i + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length & 3;
  if (rest === 3) h ^= byte(data, whole + 2) << 16;
  if (rest >= 2) h ^= byte(data, whole + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ byte(data, whole), m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return (h ^ (h >>> 15)) | 0;
}

/** The partition of a key among `count`, as `DefaultPartitioner` of Kafka's Java client computes it. */
export const partitionOfKey = (key: string, count: number): number =>
  (murmur2(Buffer.from(key, "utf8")) & 0x7fffffff) % count;

const byte = (data: Uint8Array, at: number): number => data[at] ?? 0;
