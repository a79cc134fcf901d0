import {
  generate,
  type IConnackPacket,
  type IConnectPacket,
  type ISubackPacket,
  type Packet,
  parser,
} from "mqtt-packet";
import type { Frame } from "./frame-cutter.ts";
import type { Settings } from "./settings.ts";

export type Version = 4 | 5;
export type { IConnackPacket as Connack, Packet };

/** Reads a packet other than PUBLISH. Throws where it is malformed. */
export function readPacket({ header, body, wholeBytes }: Frame, version: Version): Packet {
  if (body.length < wholeBytes) throw new RangeError("The broker sent a packet that is too long.");
  let packet: Packet | undefined;
  let failure: unknown;
  const reader = parser({ protocolVersion: version });
  reader.on("packet", (read) => {
    packet = read;
  });
  reader.on("error", (error) => {
    failure = error;
  });
  reader.parse(Buffer.concat([header, body]));
  if (packet === undefined) throw new RangeError("The broker sent a malformed packet.", { cause: failure });
  return packet;
}

export const writePacket = (packet: Packet, version: Version): Buffer =>
  generate(packet, { protocolVersion: version });

/** The first packet of a connection: a session that outlives it, and the bounds of what may come (MQTT 5). */
export function connectPacket(
  settings: Settings,
  clientId: string,
  maximumPacketSize: number,
): IConnectPacket {
  const packet: IConnectPacket = {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: settings.protocol === "5" ? 5 : 4,
    clean: false,
    clientId,
    keepalive: settings.keepAliveSeconds,
  };
  if (settings.username !== undefined) packet.username = settings.username;
  if (settings.password !== undefined) packet.password = Buffer.from(settings.password);
  if (settings.protocol === "5") {
    packet.properties = {
      sessionExpiryInterval: settings.sessionExpirySeconds,
      receiveMaximum: settings.maxInFlight,
      maximumPacketSize,
    };
  }
  return packet;
}

/** Why a broker refused the connection; undefined where it did not. */
export function refusal({ returnCode, reasonCode, properties }: IConnackPacket): string | undefined {
  const code = reasonCode ?? returnCode ?? 0;
  if (code === 0) return undefined;
  const words = refusals[code] ?? `code ${code}`;
  return properties?.reasonString === undefined
    ? words
    : `${words} (${properties.reasonString.slice(0, 200)})`;
}

/** MQTT 3.1.1 table 3.1 and MQTT 5 table 3-1, as far as an operator can do something about them. */
const refusals: Readonly<Record<number, string>> = {
  1: "it does not speak this version of MQTT; set `protocol`",
  2: "it does not take this client id",
  3: "it is not available",
  4: "user or password are wrong",
  5: "this client is not allowed",
  132: "it does not speak this version of MQTT; set `protocol`",
  133: "it does not take this client id",
  134: "user or password are wrong",
  135: "this client is not allowed",
  136: "it is not available",
  137: "it is busy",
  138: "this client is banned",
  151: "a quota is exceeded",
};

/** The topics that a broker refused to subscribe to. */
export function refusedTopics({ granted }: ISubackPacket, topics: readonly string[]): string[] {
  return topics.filter((_, index) => {
    const answer = granted[index];
    return typeof answer !== "number" || answer >= 128;
  });
}
