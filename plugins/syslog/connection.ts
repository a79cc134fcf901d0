import type { Socket } from "node:net";
import type { InputDeps } from "@vedette/sdk";
import { MessageCutter } from "./framing.ts";
import type { Receive } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { SyslogSettings } from "./settings.ts";

/** A stopping connection is read until it has been silent for so long, */
const quietMs = 400;
/** and at most for this long in all: the agent has to stop. */
const graceMs = 900;

/** One sender's connection: read as fast as the sink takes its messages. */
export class Connection {
  readonly #socket: Socket;
  readonly #sender: Sender;
  readonly #deps: InputDeps;
  readonly #cutter: MessageCutter;
  #waiting = false;
  #clean = false;
  #ended: Promise<void> | undefined;

  constructor(socket: Socket, sender: Sender, settings: SyslogSettings, deps: InputDeps) {
    this.#socket = socket;
    this.#sender = sender;
    this.#deps = deps;
    this.#cutter = new MessageCutter(settings.framing, settings.maxMessageBytes);
    socket.setKeepAlive(true, 60_000);
    socket.setTimeout(settings.idleSeconds * 1_000, () => {
      // Silence is ours while the sink makes the sender wait.
      if (this.#waiting) return;
      deps.failed("idle_connection");
      socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.once("end", () => {
      this.#clean = true;
    });
  }

  /** Reads to the end of the connection. Never rejects for what the sender does. */
  run(receive: Receive): Promise<void> {
    this.#ended ??= this.#read(receive);
    return this.#ended;
  }

  /** Says to the sender that this is the end, and reads on until it is silent. Resolves with `run`. */
  async stop(): Promise<void> {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), graceMs);
    socket.setTimeout(quietMs, () => {
      if (!this.#waiting) socket.destroy();
    });
    socket.end();
    await this.#ended;
    clearTimeout(timer);
  }

  async #read(receive: Receive): Promise<void> {
    const socket = this.#socket;
    try {
      for await (const piece of socket as AsyncIterable<Buffer>) {
        for (const message of this.#cutter.take(piece)) {
          const wait = receive(message, this.#sender);
          if (!wait) continue;
          this.#waiting = true;
          await wait;
          this.#waiting = false;
        }
        if (this.#cutter.broken) {
          this.#deps.failed("bad_framing");
          break;
        }
      }
    } catch {
      // Reset or destroyed: what was complete has been taken.
    }
    const last = this.#cutter.end(this.#clean);
    if (last) await receive(last, this.#sender);
    socket.destroySoon();
  }
}
