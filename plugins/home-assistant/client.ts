import { type ConnectionDeps, defineConnection, isVedetteError, messageOf, VedetteError } from "@vedette/sdk";
import type { IConnackPacket, Packet } from "mqtt-packet";
import { z } from "zod";
import { connectTo } from "../_channel/parts.ts";
import { brokerSettings } from "../mqtt/broker.ts";
import { refusal } from "../mqtt/packets.ts";
import { Session } from "../mqtt/session.ts";

const topicPart = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64}){0,4}$/, "Expected letters, digits, _, - and /");

const settings = z.strictObject({
  ...brokerSettings,
  discoveryPrefix: topicPart
    .default("homeassistant")
    .describe("Topic below which Home Assistant looks for devices; the same as in its MQTT integration."),
  topicPrefix: topicPart
    .default("vedette")
    .describe("Topic below which everything else is published. Two collectors need two."),
});
type Settings = z.infer<typeof settings>;

/** MQTT 3.1.1: what every broker speaks. */
const version = 4;
const [answerMs, keepAliveSeconds, mostBytes] = [10_000, 30, 65_536];
/** After a failure the broker is left alone for so long; until then what is published fails at once. */
const retryAfterMs = 5_000;

interface Open {
  readonly session: Session;
  readonly waiting: Map<string, (packet: Packet | Error) => void>;
}

/**
 * A broker that is kept connected while something is published to it. The broker itself says that Vedette is gone when the
 * connection is lost.
 */
export class Broker {
  readonly settings: Settings;
  /** Grows with each connection: a broker that was away may have forgotten what it kept. */
  connections = 0;
  readonly #deps: ConnectionDeps;
  #open: Promise<Open> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failure = "";
  #messageId = 0;
  #closed = false;

  constructor(given: Settings, deps: ConnectionDeps) {
    this.settings = given;
    this.#deps = deps;
  }

  get availabilityTopic(): string {
    return `${this.settings.topicPrefix}/availability`;
  }

  /** Connects where that is not done. Throws with the reason. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /** Resolves when the broker has the message. An empty payload that is to be kept removes what it keeps. */
  async publish(topic: string, payload: string, retain: boolean): Promise<void> {
    const open = await this.#connected();
    this.#messageId = (this.#messageId % 65_535) + 1;
    const messageId = this.#messageId;
    await this.#ask(
      open,
      { cmd: "publish", topic, payload, qos: 1, messageId, retain, dup: false },
      `puback ${messageId}`,
    );
  }

  /** Says that Vedette is gone, and goes. */
  async close(): Promise<void> {
    const open = await this.#open?.catch(() => undefined);
    if (open) await this.publish(this.availabilityTopic, "offline", true).catch(() => undefined);
    this.#closed = true;
    await open?.session.close();
  }

  #connected(): Promise<Open> {
    if (this.#closed) return Promise.reject(failed("the connection was closed."));
    if (this.#open) return this.#open;
    if (this.#deps.clock.now() - this.#failedAt < retryAfterMs)
      return Promise.reject(new VedetteError("plugin.failed", this.#failure, { verdict: "retry" }));
    const opening = this.#begin().catch((error: unknown) => {
      throw isVedetteError(error) ? error : failed(messageOf(error), error);
    });
    this.#open = opening;
    opening.catch((error: unknown) => {
      this.#failedAt = this.#deps.clock.now();
      this.#failure = messageOf(error);
      this.#open = undefined;
    });
    return opening;
  }

  async #begin(): Promise<Open> {
    const { security, login, topicPrefix } = this.settings;
    const signal = AbortSignal.any([this.#deps.signal, AbortSignal.timeout(answerMs)]);
    const socket = await connectTo(this.settings, security === "tls", { ...this.#deps, signal });
    const waiting: Open["waiting"] = new Map();
    const told = (key: string, packet: Packet | Error): void => {
      waiting.get(key)?.(packet);
      waiting.delete(key);
    };
    const session = new Session(socket, version, mostBytes, {
      publish: () => undefined,
      packet: (packet) =>
        told(packet.cmd === "puback" ? `puback ${packet.messageId ?? 0}` : packet.cmd, packet),
    });
    const open = { session, waiting };
    void session.ended.then((error) => {
      this.#open = undefined;
      for (const key of [...waiting.keys()]) told(key, error ?? new Error("The connection was closed."));
    });
    const connack = (await this.#ask(
      open,
      {
        ...{ cmd: "connect", protocolId: "MQTT", protocolVersion: version, clean: true },
        ...{
          keepalive: keepAliveSeconds,
          clientId: `vedette-ha-${topicPrefix.replaceAll("/", "-")}`.slice(0, 60),
        },
        will: {
          ...{ topic: this.availabilityTopic, qos: 1, retain: true },
          payload: Buffer.from("offline"),
        },
        ...(login && { username: login.username, password: Buffer.from(login.password) }),
      },
      "connack",
    )) as IConnackPacket;
    const why = refusal(connack);
    if (why !== undefined) {
      session.fail(new Error(why));
      throw failed(`The broker refused the connection: ${why}`);
    }
    session.keepAlive(keepAliveSeconds);
    const messageId = 65_535;
    await this.#ask(
      open,
      {
        ...{ cmd: "publish", topic: this.availabilityTopic, payload: "online", qos: 1, retain: true },
        ...{ messageId, dup: false },
      },
      `puback ${messageId}`,
    );
    this.connections++;
    return open;
  }

  #ask({ session, waiting }: Open, packet: Packet, answer: string): Promise<Packet> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(answer);
        const silent = new Error("The broker was silent for too long.");
        session.fail(silent);
        reject(failed(silent.message));
      }, answerMs);
      waiting.set(answer, (got) => {
        clearTimeout(timer);
        if (got instanceof Error) reject(failed(got.message, got));
        else resolve(got);
      });
      session.send(packet);
    });
  }
}

const failed = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("plugin.failed", `The broker cannot be reached: ${why}`, { verdict: "retry" }, { cause });

/** The broker of a Home Assistant. */
export const brokerConnection = defineConnection<Settings, Broker>({
  title: "Broker of Home Assistant",
  description:
    "The MQTT broker that Home Assistant listens to. The test connects and says that Vedette is there.",
  settings,
  async test(given, deps) {
    const broker = new Broker(given, deps);
    try {
      await broker.connect();
      return { status: "healthy", message: "The broker takes us." };
    } finally {
      await broker.close();
    }
  },
  open: (given, deps) => new Broker(given, deps),
  close: (broker) => broker.close(),
});
