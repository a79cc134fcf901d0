import { crc32 } from "node:zlib";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Publish, Qos } from "./publish.ts";

/** What to do with a delivery: take it, acknowledge it at once, or wait for the disk, as it was taken before. */
export type Verdict = "take" | "acknowledge" | "wait";

/** An acknowledgement that is due on the current connection. */
export interface Due {
  readonly messageId: number;
  readonly qos: Qos;
}

interface Delivery extends Due {
  readonly checksum: string;
  /** Offset just past its log. */
  readonly end: number;
  durable: boolean;
  /** Received on the current connection and not yet acknowledged there. */
  owed: boolean;
}

/**
 * The messages of QoS 1 and 2 that a broker may deliver again: those that wait for the disk, and the last one of each
 * message id. They are noted in a file too, so that a delivery which was on disk before a crash, and whose
 * acknowledgement the broker did not see, is recognised after it. At most 65,535, the number of message ids.
 */
export class Deliveries {
  readonly #byId = new Map<number, Delivery>();
  readonly #log: DeliveryLog;
  #waiting: Delivery[] = [];

  /** Takes up what was noted in an earlier life and is on disk: everything up to `end`. */
  constructor(log: DeliveryLog, end: number) {
    this.#log = log;
    for (const noted of log.before()) {
      if (noted.end <= end) this.#byId.set(noted.messageId, { ...noted, qos: 1, durable: true, owed: false });
    }
  }

  /** Taken and not yet on disk. */
  get inFlight(): number {
    return this.#waiting.length;
  }

  /** A new connection. Without a session the broker has forgotten what it delivered, and its numbers begin anew. */
  connected(sessionPresent: boolean): void {
    for (const delivery of this.#waiting) delivery.owed = false;
    if (sessionPresent) return;
    this.#byId.clear();
    this.#log.clear();
  }

  /** Looks a delivery up among those before. */
  judge({ messageId, dup, ...publish }: Publish): Verdict {
    const before = this.#byId.get(messageId);
    if (!dup || before?.checksum !== checksumOf(publish)) return "take";
    if (before.durable) return "acknowledge";
    before.owed = true;
    return "wait";
  }

  /** Notes a delivery that becomes the log before `end`, which must be pushed after this. */
  taken(publish: Publish, end: number): void {
    const { messageId, qos } = publish;
    const delivery = { messageId, qos, checksum: checksumOf(publish), end, durable: false, owed: true };
    this.#waiting.push(delivery);
    this.#byId.set(messageId, delivery);
    this.#log.note(delivery);
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

  close(): void {
    this.#log.close();
  }
}

/** A CRC-32 of topic and payload; compared only among deliveries of one message id. */
const checksumOf = ({ topic, payload }: Pick<Publish, "topic" | "payload">): string =>
  crc32(payload, crc32(topic)).toString(16);
