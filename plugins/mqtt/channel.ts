import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { type ConnectionDeps, defineChannel, defineConnection, isVedetteError } from "@vedette/sdk";
import { generate, type IConnackPacket, type Packet, parser } from "mqtt-packet";
import { z } from "zod";
import { failureOf, refused, undelivered } from "../_channel/answer.ts";
import { connectTo, noticeText } from "../_channel/parts.ts";
import { brokerSettings } from "./broker.ts";
import { refusal } from "./packets.ts";

const settings = z.strictObject({
  ...brokerSettings,
  topic: z
    .string()
    .max(500)
    .regex(/^[^#+\0]+$/, "Expected a topic without + and #")
    .default("vedette/notifications")
    .describe("Topic that each notification is published to, as JSON."),
  retain: z.boolean().default(false).describe("Let the broker keep the last one for who subscribes later."),
});
type Settings = z.infer<typeof settings>;

/** MQTT 3.1.1: what every broker speaks. */
const protocolVersion = 4;
const silentMs = 10_000;
const mostBytes = 65_536;

export const connection = defineConnection({
  title: "Broker of MQTT",
  description: "The test logs in and publishes nothing.",
  settings,
  async test(to, deps) {
    await withBroker(to, deps, () => Promise.resolve());
    return { status: "healthy", message: "The broker takes us." };
  },
});

/** The notice as JSON, with QoS 1: it is sent when the broker has acknowledged it. */
export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    const { id, at, severity, about, count } = notice;
    const text = noticeText(notice, { text: (each) => each, value: (each) => each });
    const payload = JSON.stringify({ id, at, severity, about, count, ...text });
    const { topic, retain } = to;
    await withBroker(to, deps, async (ask) => {
      await ask({ cmd: "publish", topic, payload, qos: 1, messageId: 1, retain, dup: false }, "puback");
    });
    return "acknowledged by the broker";
  },
});

type Ask = (packet: Packet, answer: Packet["cmd"]) => Promise<Packet>;

/** Connects, works and says goodbye. Throws `notice.refused` and `notice.undelivered`. */
async function withBroker(
  to: Settings,
  deps: ConnectionDeps,
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
  let socket: Socket | undefined;
  try {
    socket = await connectTo(to, to.security === "tls", deps);
    const ask = asking(socket, deps.signal);
    const { login } = to;
    const connack = (await ask(
      {
        ...{ cmd: "connect", protocolId: "MQTT", protocolVersion, clean: true, keepalive: 60 },
        clientId: `vedette-${randomUUID().slice(0, 13)}`,
        ...(login && { username: login.username, password: Buffer.from(login.password) }),
      },
      "connack",
    )) as IConnackPacket;
    const why = refusal(connack);
    if (why !== undefined) {
      const said = `The broker refused the connection: ${why}`;
      throw (connack.returnCode ?? 0) === 3 ? undelivered(said) : refused(said);
    }
    await work(ask);
    socket.end(generate({ cmd: "disconnect" }));
  } catch (error) {
    if (isVedetteError(error) && error.code.startsWith("notice.")) throw error;
    throw failureOf(error, deps.signal);
  } finally {
    const open = socket;
    // Time to say goodbye; what does not close by then is closed.
    if (open) setTimeout(() => open.destroy(), 200).unref();
  }
}

/** Sends a packet and resolves with the answer of a kind. */
function asking(socket: Socket, signal: AbortSignal): Ask {
  const reader = parser({ protocolVersion });
  let bytes = 0;
  let waiting:
    | { readonly for: Packet["cmd"]; done(packet: Packet): void; fail(error: Error): void }
    | undefined;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    waiting?.fail(failure);
  };
  reader.on("packet", (packet) => {
    if (packet.cmd === waiting?.for) waiting?.done(packet);
  });
  reader.on("error", fail);
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) fail(new Error("The broker said too much."));
    else reader.parse(chunk);
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("The broker closed the connection.")));
  signal.addEventListener("abort", () => fail(new Error("There was no answer in time.")), { once: true });
  return (packet, answer) =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      const timer = setTimeout(() => fail(new Error("The broker was silent for too long.")), silentMs);
      const end = (): void => {
        clearTimeout(timer);
        waiting = undefined;
      };
      waiting = {
        for: answer,
        done: (got) => {
          end();
          resolve(got);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      socket.write(generate(packet, { protocolVersion }));
    });
}
