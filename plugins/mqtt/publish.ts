import type { Frame } from "./frame-cutter.ts";

export type Qos = 0 | 1 | 2;

/** A PUBLISH packet (MQTT 3.1.1 section 3.3, MQTT 5 section 3.3). Properties are skipped. */
export interface Publish {
  readonly topic: string;
  readonly qos: Qos;
  readonly dup: boolean;
  readonly retain: boolean;
  /** Of this delivery; 0 with QoS 0. */
  readonly messageId: number;
  readonly payload: Buffer;
  /** Bytes of the payload as sent, those that were not kept included. */
  readonly payloadBytes: number;
}

/** Bytes that topic, id and properties may take before the payload. */
export const publishHeadBytes = 2 + 65_535 + 2 + 65_536;

export const isPublish = ({ first }: Frame): boolean => first >> 4 === 3;

/** Reads a PUBLISH packet. Throws where it is malformed. */
export function readPublish({ first, body, wholeBytes }: Frame, version: 4 | 5): Publish {
  const qos = (first >> 1) & 3;
  if (qos === 3) throw new RangeError("The broker sent a message of an unknown quality of service.");
  let at = 0;
  const need = (bytes: number): void => {
    if (at + bytes > body.length) throw new RangeError("The broker sent a message that ends too early.");
  };
  need(2);
  const topicBytes = body.readUInt16BE(0);
  at = 2;
  need(topicBytes);
  const topic = body.toString("utf8", at, at + topicBytes);
  at += topicBytes;
  let messageId = 0;
  if (qos > 0) {
    need(2);
    messageId = body.readUInt16BE(at);
    at += 2;
  }
  if (version === 5) {
    let length = 0;
    for (let index = 0; ; index++) {
      need(1);
      const byte = body[at++] ?? 0;
      length += (byte & 127) * 128 ** index;
      if (byte < 128) break;
      if (index === 3) throw new RangeError("The broker sent a message with malformed properties.");
    }
    need(length);
    at += length;
  }
  return {
    topic,
    qos: qos as Qos,
    dup: (first & 8) !== 0,
    retain: (first & 1) !== 0,
    messageId,
    payload: body.subarray(at),
    payloadBytes: wholeBytes - at,
  };
}
