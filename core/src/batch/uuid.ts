import { randomFillSync } from "node:crypto";

const random = new Uint8Array(10);

/** A UUIDv7 (RFC 9562 §5.7): sorts by time of creation. `now` in milliseconds since 1970. */
export function uuidv7(now: number): string {
  randomFillSync(random);
  const time = Math.trunc(now).toString(16).padStart(12, "0");
  random[0] = (random[0]! & 0x0f) | 0x70;
  random[2] = (random[2]! & 0x3f) | 0x80;
  const rest = Buffer.from(random).toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8, 20)}`;
}
