import { randomFillSync } from "node:crypto";

const idBytes = 10;
/** Of many ids at once: a call costs as much as thousands of bytes. What was used is not kept. */
const pool = Buffer.alloc(64 * idBytes);
let used = pool.length;

/** A UUIDv7 (RFC 9562 §5.7): sorts by time of creation. `now` in milliseconds since 1970. */
export function uuidv7(now: number): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + idBytes);
  used += idBytes;
  const time = Math.trunc(now).toString(16).padStart(12, "0");
  random[0] = (random[0]! & 0x0f) | 0x70;
  random[2] = (random[2]! & 0x3f) | 0x80;
  const rest = random.toString("hex");
  random.fill(0);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8, 20)}`;
}
