import { crc32 } from "node:zlib";
import type { Publish, Qos } from "./publish.ts";

/** Deliveries remembered: what fits the cursor of a checkpoint, 12 characters each. */
const remembered = 80;

/** What to do with a delivery: take it, acknowledge it at once, or wait for the disk, as it was taken before. */
export type Verdict = "take" | "acknowledge" | "wait";

/** An acknowledgement that is due on the current connection. */
export interface Due {
  readonly messageId: number;
  readonly qos: Qos;
}

interface Delivery {
  readonly messageId: number;
  readonly qos: Qos;
  readonly checksum: string;
  /** Offset just past its log. */
  readonly end: number;
  durable: boolean;
  /** Received on the current connection and not yet acknowledged there. */
  owed: boolean;
}

/**
 * The messages of QoS 1 and 2 that a broker may deliver again: those that wait for the disk, and the last ones that
 * do not. The latter travel in the cursor of the checkpoint, so that a delivery which was on disk before a crash, and
 * whose acknowledgement the broker did not see, is recognised after it.
 */
export class Deliveries {
  readonly #byId = new Map<number, Delivery>();
  #waiting: Delivery[] = [];

  /** Takes up the cursor of a checkpoint. */
  constructor(cursor = "", end = 0) {
    for (const [, id = "", checksum = ""] of cursor.matchAll(/([0-9a-f]{4})([0-9a-f]{8})/g)) {
      const messageId = Number.parseInt(id, 16);
      this.#remember({ messageId, qos: 1, checksum, end, durable: true, owed: false });
    }
  }

  /** Taken and not yet on disk. */
  get inFlight(): number {
    return this.#waiting.length;
  }

  /** A new connection. Without a session the broker has forgotten what it delivered, and its numbers begin anew. */
  connected(sessionPresent: boolean): void {
    for (const delivery of this.#waiting) delivery.owed = false;
    if (!sessionPresent) this.#byId.clear();
  }

  /** Looks a delivery up among those before. */
  judge({ messageId, dup, ...publish }: Publish): Verdict {
    const before = this.#byId.get(messageId);
    if (!dup || before?.checksum !== checksumOf(publish)) return "take";
    if (before.durable) return "acknowledge";
    before.owed = true;
    return "wait";
  }

  /** Notes a delivery that becomes the log before `end`. */
  taken(publish: Publish, end: number): void {
    const { messageId, qos } = publish;
    const delivery = { messageId, qos, checksum: checksumOf(publish), end, durable: false, owed: true };
    this.#waiting.push(delivery);
    this.#remember(delivery);
  }

  /** The acknowledgements that become due when all logs before `end` are on disk. */
  durable(end: number): Due[] {
    const due: Due[] = [];
    let count = 0;
    for (const delivery of this.#waiting) {
      if (delivery.end > end) break;
      count++;
      delivery.durable = true;
      if (delivery.owed) due.push(delivery);
      delivery.owed = false;
    }
    this.#waiting = this.#waiting.slice(count);
    return due;
  }

  /** What a checkpoint keeps: message id and checksum of the last deliveries, oldest first. */
  cursor(): string {
    let text = "";
    for (const { messageId, checksum } of this.#byId.values()) {
      text += messageId.toString(16).padStart(4, "0") + checksum;
    }
    return text;
  }

  #remember(delivery: Delivery): void {
    this.#byId.delete(delivery.messageId);
    this.#byId.set(delivery.messageId, delivery);
    if (this.#byId.size <= remembered) return;
    const oldest = this.#byId.keys().next().value;
    if (oldest !== undefined) this.#byId.delete(oldest);
  }
}

const checksumOf = ({ topic, payload }: Pick<Publish, "topic" | "payload">): string =>
  crc32(payload, crc32(topic)).toString(16).padStart(8, "0");
