import { type Health, type Input, type InputDeps, type InputSink, messageOf } from "@vedette/sdk";
import { receiver } from "./receiver.ts";
import { type Sender, senders } from "./sender.ts";
import type { Listener, SyslogSettings } from "./settings.ts";
import { TcpListener } from "./tcp.ts";
import { UdpListener } from "./udp.ts";

/** Opens all listeners, or none. */
export async function openSyslog(settings: SyslogSettings, deps: InputDeps): Promise<Input> {
  const senderOf = senders(settings.allow);
  const opened: (UdpListener | TcpListener)[] = [];
  try {
    for (const listener of settings.listen)
      opened.push(await openListener(listener, settings, deps, senderOf));
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.stop()));
    throw error;
  }
  return new SyslogInput(opened, settings, deps);
}

async function openListener(
  listener: Listener,
  settings: SyslogSettings,
  deps: InputDeps,
  senderOf: (address: string) => Sender,
): Promise<UdpListener | TcpListener> {
  const { protocol, address } = listener;
  try {
    if (protocol !== "udp") return await TcpListener.open(listener, settings, deps, senderOf);
    const { receiveBufferBytes, queueBytes } = settings;
    const udp = await UdpListener.open({ address, receiveBufferBytes, queueBytes }, deps, senderOf);
    if (udp.receiveBufferBytes < receiveBufferBytes)
      deps.log.info(
        { listener: udp.name, bytes: udp.receiveBufferBytes, wanted: receiveBufferBytes },
        "The kernel allows a smaller receive buffer than wanted; raise net.core.rmem_max.",
      );
    return udp;
  } catch (cause) {
    throw new Error(`Cannot listen on ${protocol} ${address}: ${messageOf(cause)}.`, { cause });
  }
}

/** How long a loss is shown in the health. */
const shownMs = 60_000;

class SyslogInput implements Input {
  readonly #listeners: readonly (UdpListener | TcpListener)[];
  readonly #settings: SyslogSettings;
  readonly #deps: InputDeps;
  #lost = 0;
  #lostAt = Number.NEGATIVE_INFINITY;

  constructor(listeners: readonly (UdpListener | TcpListener)[], settings: SyslogSettings, deps: InputDeps) {
    this.#listeners = listeners;
    this.#settings = settings;
    this.#deps = deps;
  }

  async run(sink: InputSink): Promise<void> {
    const { signal, log, inputId } = this.#deps;
    const failure = Promise.withResolvers<never>();
    const receive = receiver(this.#settings, this.#deps, sink, failure.reject);
    for (const listener of this.#listeners) listener.start(receive);
    log.info({ input: inputId, listeners: this.#listeners.map(({ name }) => name) }, "Syslog is awaited.");
    try {
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await Promise.race([stopped, failure.promise]);
    } finally {
      await Promise.all(this.#listeners.map((listener) => listener.stop()));
    }
  }

  durable(): void {
    // Syslog has no acknowledgement: what was sent is the sender's past.
  }

  health(): Health {
    for (const listener of this.#listeners) {
      if (listener instanceof TcpListener && listener.problem !== undefined)
        return {
          status: "warning",
          message: `${listener.name} keeps its old certificate: ${listener.problem}.`,
        };
    }
    const lost = this.#listeners.reduce(
      (sum, each) => sum + (each instanceof UdpListener ? each.lost : 0),
      0,
    );
    if (lost > this.#lost) this.#lostAt = performance.now();
    this.#lost = lost;
    if (performance.now() - this.#lostAt < shownMs)
      return {
        status: "warning",
        message: `${lost} UDP messages came faster than they could be kept and were lost.`,
      };
    return {
      status: "healthy",
      message: `Listening on ${this.#listeners.map(({ name }) => name).join(", ")}.`,
    };
  }
}
