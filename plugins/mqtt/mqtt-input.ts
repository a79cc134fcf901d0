import { hash } from "node:crypto";
import {
  CountedSource,
  type Health,
  type Input,
  type InputDeps,
  type InputSink,
  messageOf,
  textOf,
} from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import { connectTimeoutMs, openSocket } from "./connection.ts";
import { Deliveries, type Due } from "./deliveries.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { type Connack, connectPacket, type Packet, refusal, refusedTopics, type Version } from "./packets.ts";
import { type Publish, publishHeadBytes } from "./publish.ts";
import { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import { rememberTopics, topicsBefore } from "./topics.ts";

/** Facts objects kept, so that messages of one topic share one. */
const maxFacts = 1_000;
const subscribeId = 1;
const unsubscribeId = 2;

/** Subscribes to topics, and acknowledges a message only after it is on disk. */
export class MqttInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #version: Version;
  readonly #clientId: string;
  readonly #source: CountedSource;
  readonly #deliveries: Deliveries;
  readonly #facts = new Map<string, Readonly<Record<string, string>>>();
  #stale: string[];
  /** About how many messages the broker sends before it waits for acknowledgements. */
  #window = 0;
  #session: Session | undefined;
  #wake: (() => void) | undefined;
  #health: Health = { status: "warning", message: "Not connected to the broker yet." };

  static async open(settings: Settings, deps: InputDeps): Promise<MqttInput> {
    const before = await topicsBefore(deps.stateDir);
    await rememberTopics(deps.stateDir, [...new Set([...before, ...settings.topics])]);
    return new MqttInput(
      settings,
      deps,
      before.filter((topic) => !settings.topics.includes(topic)),
    );
  }

  private constructor(settings: Settings, deps: InputDeps, stale: string[]) {
    this.#settings = settings;
    this.#deps = deps;
    this.#stale = stale;
    this.#version = settings.protocol === "5" ? 5 : 4;
    this.#clientId =
      settings.clientId ??
      `vedette-${hash("sha256", `${deps.agentId}\n${deps.inputId}`, "hex").slice(0, 15)}`;
    this.#source = new CountedSource(deps, "messages", deps.dataType);
    const notes = new DeliveryLog(deps.stateDir, (error) => this.#noteFailed(error));
    this.#deliveries = new Deliveries(notes, this.#source.end);
  }

  async run(sink: InputSink): Promise<void> {
    const { signal, log, failed } = this.#deps;
    const { reconnectSeconds, maxReconnectSeconds, url } = this.#settings;
    const backoff = new Backoff(reconnectSeconds * 1_000, maxReconnectSeconds * 1_000);
    signal.addEventListener("abort", () => this.#wake?.(), { once: true });
    while (!signal.aborted) {
      try {
        await this.#connection(sink, () => backoff.reset());
      } catch (error) {
        if (signal.aborted) return;
        const reason = messageOf(error);
        this.#health = { status: "error", message: `No connection to ${url}: ${reason}` };
        failed("connection");
        log.warn({ url, reason }, "The connection to an MQTT broker failed; it is tried again.");
        await wait(backoff.next(), signal);
      }
    }
  }

  durable({ source, end }: { readonly source: string; readonly end: number }): void {
    if (source !== this.#source.source) return;
    const due = this.#deliveries.durable(end);
    for (const each of due) this.#acknowledge(each);
    if (due.length > 0) this.#window = Math.max(due.length, Math.floor(this.#window * 0.95));
    this.#wake?.();
  }

  health(): Health {
    return this.#health;
  }

  async close(): Promise<void> {
    await this.#session?.close();
    this.#deliveries.close();
  }

  /** One connection from its first packet to its end. Rejects with the reason, resolves where the agent stops. */
  async #connection(sink: InputSink, connected: () => void): Promise<void> {
    const { signal, baseDir } = this.#deps;
    const socket = await openSocket(this.#settings, baseDir, signal);
    const session = new Session(socket, this.#version, this.#settings.maxPayloadBytes, {
      publish: (message) => this.#publish(sink, message),
      packet: (packet) => {
        if (packet.cmd === "connack") {
          clearTimeout(late);
          this.#accepted(session, packet);
          connected();
        } else {
          this.#packet(session, packet);
        }
      },
    });
    const late = setTimeout(() => session.fail(new Error("The broker did not answer.")), connectTimeoutMs);
    this.#session = session;
    const maximumPacketSize = this.#settings.maxPayloadBytes + publishHeadBytes;
    session.send(connectPacket(this.#settings, this.#clientId, maximumPacketSize));
    const aborted = new Promise<"aborted">((resolve) => {
      signal.addEventListener("abort", () => resolve("aborted"), { once: true });
    });
    const outcome = signal.aborted ? "aborted" : await Promise.race([session.ended, aborted]);
    clearTimeout(late);
    if (outcome === "aborted") {
      session.stop();
      return;
    }
    this.#session = undefined;
    throw outcome ?? new Error("The connection ended.");
  }

  #accepted(session: Session, connack: Connack): void {
    const { topics, qos, retained, keepAliveSeconds, url } = this.#settings;
    const refused = refusal(connack);
    if (refused !== undefined) throw new Error(`The broker refused the connection: ${refused}.`);
    this.#deliveries.connected(connack.sessionPresent);
    session.keepAlive(connack.properties?.serverKeepAlive ?? keepAliveSeconds);
    if (this.#stale.length > 0) {
      session.send({ cmd: "unsubscribe", messageId: unsubscribeId, unsubscriptions: this.#stale });
    }
    const subscriptions = topics.map((topic) => ({ topic, qos, rh: retained ? 0 : 2 }));
    session.send({ cmd: "subscribe", messageId: subscribeId, subscriptions });
    this.#health = { status: "healthy", message: `Connected to ${url}.` };
    this.#deps.log.info(
      { url, clientId: this.#clientId, sessionPresent: connack.sessionPresent },
      "Connected to an MQTT broker.",
    );
  }

  #packet(session: Session, packet: Packet): void {
    const { topics, url } = this.#settings;
    if (packet.cmd === "pubrel") {
      session.send({ cmd: "pubcomp", messageId: packet.messageId ?? 0 });
    } else if (packet.cmd === "suback") {
      const refused = refusedTopics(packet, topics);
      if (refused.length === 0) return;
      this.#deps.failed("subscription");
      this.#deps.log.error({ url, topics: refused }, "An MQTT broker refused to subscribe to topics.");
      if (refused.length === topics.length) throw new Error("The broker refused all topics.");
      this.#health = { status: "warning", message: `The broker refused the topics ${refused.join(", ")}.` };
    } else if (packet.cmd === "unsuback") {
      this.#stale = [];
      void rememberTopics(this.#deps.stateDir, topics);
    } else if (packet.cmd === "disconnect") {
      throw new Error(`The broker ended the connection with code ${packet.reasonCode ?? 0}.`);
    }
  }

  async #publish(sink: InputSink, message: Publish): Promise<void> {
    const { signal, dropped, dataType } = this.#deps;
    const { qos } = message;
    if (qos > 0) {
      const verdict = this.#deliveries.judge(message);
      if (verdict === "wait") return;
      if (verdict === "acknowledge") return this.#acknowledge(message);
    }
    const unwanted = this.#unwanted(message);
    if (unwanted !== undefined) {
      dropped(unwanted, 1);
      return this.#acknowledge(message);
    }
    while (qos > 0 && this.#deliveries.inFlight >= this.#settings.maxInFlight && !signal.aborted) {
      sink.hasten?.(dataType, 0);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (signal.aborted) return;
    await this.#push(sink, message);
    if (qos === 0) return;
    // As many as last time: the broker may send no more before it is answered, so waiting gains nothing.
    const full = this.#window > 1 && this.#deliveries.inFlight >= this.#window;
    sink.hasten?.(dataType, full ? 0 : this.#settings.ackWithinMs);
  }

  #unwanted({ retain, payload }: Publish): string | undefined {
    if (retain && !this.#settings.retained) return "retained";
    return payload.length === 0 ? "empty" : undefined;
  }

  #push(sink: InputSink, message: Publish): void | Promise<void> {
    const { dataSource, flawed } = this.#deps;
    const { payload, payloadBytes } = message;
    if (message.qos > 0) this.#deliveries.taken(message, this.#source.end + 1);
    const { raw, flaw, kind } = textOf(
      payload,
      this.#settings.maxPayloadBytes,
      payloadBytes > payload.length,
    );
    if (kind !== undefined) flawed(kind);
    return sink.push(this.#source.log(raw, dataSource, this.#factsOf(message.topic), flaw));
  }

  #noteFailed(error: unknown): void {
    this.#deps.failed("note");
    this.#deps.log.warn({ error }, "A delivery could not be noted; after a crash it may come twice.");
  }

  #factsOf(topic: string): Readonly<Record<string, string>> {
    let facts = this.#facts.get(topic);
    if (!facts) {
      if (this.#facts.size >= maxFacts) this.#facts.clear();
      facts = { topic };
      this.#facts.set(topic, facts);
    }
    return facts;
  }

  #acknowledge({ qos, messageId }: Due): void {
    if (qos === 1) this.#session?.send({ cmd: "puback", messageId });
    else if (qos === 2) this.#session?.send({ cmd: "pubrec", messageId });
  }
}
