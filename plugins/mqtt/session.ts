import type { Socket } from "node:net";
import { type Frame, FrameCutter } from "./frame-cutter.ts";
import { type Connack, type Packet, readPacket, type Version, writePacket } from "./packets.ts";
import { isPublish, type Publish, publishHeadBytes, readPublish } from "./publish.ts";

/** What a session tells its owner. A returned promise makes the broker wait. */
export interface SessionEvents {
  publish(message: Publish): void | Promise<void>;
  packet(packet: Packet): void;
}

/** One connection to a broker: packets in their order, one at a time, and the pings that keep it alive. */
export class Session {
  readonly #socket: Socket;
  readonly #version: Version;
  readonly #cutter: FrameCutter;
  readonly #events: SessionEvents;
  /** Resolves with the reason when the connection has ended; undefined where we ended it. */
  readonly ended: Promise<Error | undefined>;
  #failure: Error | undefined;
  #stopped = false;
  #busy = false;
  #heardAt = performance.now();
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(socket: Socket, version: Version, maxPayloadBytes: number, events: SessionEvents) {
    this.#socket = socket;
    this.#version = version;
    this.#cutter = new FrameCutter(maxPayloadBytes + publishHeadBytes);
    this.#events = events;
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        clearInterval(this.#keepAlive);
        resolve(
          this.#stopped ? undefined : (this.#failure ?? new Error("The broker closed the connection.")),
        );
      });
    });
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    socket.on("data", (chunk: Buffer) => {
      this.#heardAt = performance.now();
      socket.pause();
      this.#busy = true;
      this.#take(chunk).then(
        () => {
          this.#busy = false;
          this.#heardAt = performance.now();
          if (!this.#stopped) socket.resume();
        },
        (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))),
      );
    });
  }

  send(packet: Packet): void {
    if (this.#socket.writable) this.#socket.write(writePacket(packet, this.#version));
  }

  /** Pings after half the time without a word, and gives up a broker that says nothing for one and a half. */
  keepAlive(seconds: number): void {
    this.#keepAlive = setInterval(() => {
      // While we make the broker wait we do not hear its answers.
      if (!this.#busy && !this.#stopped && performance.now() - this.#heardAt > seconds * 1_500) {
        this.fail(new Error("The broker stayed silent."));
      } else {
        this.send({ cmd: "pingreq" });
      }
    }, seconds * 500);
  }

  /** Takes no more; acknowledgements can still be sent. */
  stop(): void {
    this.#stopped = true;
    this.#socket.pause();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.send({ cmd: "disconnect" });
    const timer = setTimeout(() => this.#socket.destroy(), 300);
    this.#socket.end(() => this.#socket.destroy());
    await this.ended;
    clearTimeout(timer);
  }

  async #take(chunk: Buffer): Promise<void> {
    for (const frame of this.#cutter.take(chunk)) {
      if (this.#stopped) return;
      const wait = this.#handle(frame);
      if (wait) await wait;
    }
  }

  #handle(frame: Frame): void | Promise<void> {
    if (isPublish(frame)) return this.#events.publish(readPublish(frame, this.#version));
    return this.#events.packet(readPacket(frame, this.#version));
  }
}

export type { Connack };
