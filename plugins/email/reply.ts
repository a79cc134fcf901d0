import type { Socket } from "node:net";

/** What a server said; lines of a long reply are separated by line ends, without their code. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

const mostBytes = 65_536;

/** Reads replies of RFC 5321, 4.2, one after the other. A reply of more than 64 KiB, silence and nonsense are errors. */
export class ReplyReader {
  readonly #socket: Socket;
  readonly #silentMs: number;
  readonly #signal: AbortSignal;
  #text = "";
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, silentMs: number, signal: AbortSignal) {
    this.#socket = socket;
    this.#silentMs = silentMs;
    this.#signal = signal;
    socket.on("data", this.#take);
    socket.on("error", this.#fail);
    socket.on("close", this.#close);
  }

  /** Whether more was said than was taken. */
  get hasMore(): boolean {
    return this.#text !== "";
  }

  /** Stops reading, so that TLS can. */
  release(): void {
    this.#socket.off("data", this.#take);
    this.#socket.off("close", this.#close);
  }

  async next(): Promise<Reply> {
    for (;;) {
      const reply = this.#cut();
      if (reply) return reply;
      if (this.#failure) throw this.#failure;
      await this.#more();
    }
  }

  #cut(): Reply | undefined {
    const lines: string[] = [];
    for (let at = 0; ; ) {
      const end = this.#text.indexOf("\n", at);
      if (end < 0) return undefined;
      const line = this.#text.slice(at, end).replace(/\r$/, "");
      at = end + 1;
      const [, code, mark, text = ""] = /^([2-5]\d\d)([ -]|$)(.*)$/.exec(line) ?? [];
      if (code === undefined) throw new Error("It is no SMTP server that answers.");
      lines.push(text);
      if (mark === "-") continue;
      this.#text = this.#text.slice(at);
      return { code: Number(code), text: lines.join("\n") };
    }
  }

  async #more(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const aborted = (): void => this.#fail(new Error("There was no answer in time."));
    this.#signal.addEventListener("abort", aborted, { once: true });
    if (this.#signal.aborted) aborted();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#failure) resolve();
      timer = setTimeout(() => this.#fail(new Error("The server was silent for too long.")), this.#silentMs);
    });
    clearTimeout(timer);
    this.#signal.removeEventListener("abort", aborted);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#text += chunk.toString("latin1");
    if (this.#text.length > mostBytes) this.#fail(new Error("The server said too much."));
    this.#wake?.();
  };

  readonly #fail = (error: Error): void => {
    this.#failure ??= error;
    this.#wake?.();
  };

  readonly #close = (): void => this.#fail(new Error("The server closed the connection."));
}
