import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { type InputDeps, parseAddress } from "@vedette/sdk";
import { withoutLineEnd } from "./framing.ts";
import { kernelDrops } from "./kernel-drops.ts";
import type { Receive } from "./receiver.ts";
import type { Sender } from "./sender.ts";

export interface UdpOptions {
  readonly address: string;
  readonly receiveBufferBytes: number;
  readonly queueBytes: number;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly sender: Sender;
}

const lookEveryMs = 5_000;

/** One UDP socket. A datagram is one message, whatever it holds. */
export class UdpListener {
  readonly name: string;
  readonly #socket: Socket;
  readonly #options: UdpOptions;
  readonly #deps: InputDeps;
  readonly #senderOf: (address: string) => Sender;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #receive: Receive | undefined;
  #draining: Promise<void> | undefined;
  #kernelDrops = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Datagrams lost so far, here and in the kernel. */
  lost = 0;

  private constructor(
    socket: Socket,
    options: UdpOptions,
    deps: InputDeps,
    senderOf: (address: string) => Sender,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#deps = deps;
    this.#senderOf = senderOf;
    const { address, port } = socket.address();
    this.name = `udp ${isIPv6(address) ? `[${address}]` : address}:${port}`;
  }

  /** Binds the socket. Rejects where the address cannot be used. */
  static async open(
    options: UdpOptions,
    deps: InputDeps,
    senderOf: (address: string) => Sender,
  ): Promise<UdpListener> {
    const { host, port } = parseAddress(options.address);
    const socket = createSocket({
      type: isIPv6(host) ? "udp6" : "udp4",
      recvBufferSize: options.receiveBufferBytes,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.off("error", reject);
        resolve();
      });
    });
    const listener = new UdpListener(socket, options, deps, senderOf);
    socket.on("message", (bytes, from) => listener.#take(bytes, from));
    socket.on("error", (error) => {
      deps.failed("udp_error");
      deps.log.warn({ error, listener: listener.name }, "A UDP socket reported an error.");
    });
    listener.#lookAtKernel();
    return listener;
  }

  /** Bytes of the kernel's buffer as it really is; Linux reports twice what it was told. */
  get receiveBufferBytes(): number {
    return this.#socket.getRecvBufferSize() / 2;
  }

  /** Hands messages to `receive` from now on. */
  start(receive: Receive): void {
    this.#receive = receive;
    this.#timer = setInterval(() => this.#lookAtKernel(), lookEveryMs).unref();
    if (this.#queue.length > 0) this.#draining ??= this.#drain();
  }

  /** Takes what the kernel still holds, then no more. Resolves after everything taken was handed on. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    // One turn of the loop reads what lies in the buffer.
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#lookAtKernel();
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
    await this.#draining;
  }

  #take(datagram: Buffer, { address }: RemoteInfo): void {
    const sender = this.#senderOf(address);
    if (!sender.allowed) {
      this.#deps.dropped("sender_not_allowed", 1);
      return;
    }
    const bytes = withoutLineEnd(datagram);
    if (bytes.length === 0) return;
    if (this.#draining === undefined && this.#receive !== undefined) {
      const wait = this.#receive({ bytes, cut: false }, sender);
      if (wait) this.#draining = wait.then(() => this.#drain());
      return;
    }
    if (this.#queuedBytes + bytes.length > this.#options.queueBytes) {
      this.#lose("udp_queue_full", 1);
      return;
    }
    this.#queue.push({ bytes, sender });
    this.#queuedBytes += bytes.length;
  }

  /** Hands on what came while the sink made it wait. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const queue = this.#queue;
      this.#queue = [];
      for (const { bytes, sender } of queue) {
        this.#queuedBytes -= bytes.length;
        const wait = this.#receive?.({ bytes, cut: false }, sender);
        if (wait) await wait;
      }
    }
    this.#draining = undefined;
  }

  #lookAtKernel(): void {
    const { port, family } = this.#socket.address();
    const drops = kernelDrops(port, family === "IPv6" ? "udp6" : "udp4");
    if (drops === undefined) return;
    if (drops > this.#kernelDrops && this.#receive)
      this.#lose("udp_receive_buffer_full", drops - this.#kernelDrops);
    this.#kernelDrops = drops;
  }

  #lose(reason: string, count: number): void {
    this.lost += count;
    this.#deps.dropped(reason, count);
  }
}
