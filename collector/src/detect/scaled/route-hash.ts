/**
 * The hash that places a route: FNV-1a over UTF-16 units, mixed as MurmurHash3 ends. 32 bits, without sign.
 * It is kept beside stored matches, so it never changes: a state is found again by it.
 */
export function routeHash(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Which of so many partitions owns a route. */
export const partitionOf = (route: number, partitions: number): number => route % partitions;
