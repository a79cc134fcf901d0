import { type KeepAlive, keepAlive } from "./keep-alive.ts";
import { MessageError, MessageReader, prefixOf } from "./messages.ts";
import { type CallStatus, decodeDetails, status, statusOfHttp, statusOfReset } from "./status.ts";
import type { ClientTls } from "./tls.ts";
import { type Address, Request, type RequestEvents } from "./wire/request.ts";

export interface CallOptions extends KeepAlive {
  /** `host:port`, or the path of a Unix socket. */
  readonly address: Address;
  /** `/package.Service/Method` */
  readonly path: string;
  /** Largest message that is taken. */
  readonly maxMessageBytes: number;
  readonly userAgent: string;
  /** Default: no TLS. */
  readonly tls?: ClientTls | undefined;
}

export interface CallEvents {
  /** The connection stands; nobody has answered yet. */
  connected?(): void;
  message(bytes: Buffer): void;
  /** There is room again after `isFull`. */
  drain(): void;
  /** Called once, last, however the call ended. Not after `cancel`. */
  ended(status: CallStatus): void;
}

/** A call with streams both ways, on a connection of its own. */
export class Call {
  readonly #request: Request;
  readonly #events: CallEvents;
  readonly #reader: MessageReader;
  readonly #stopPings: () => void;
  #status: CallStatus | undefined;
  #over = false;

  constructor(options: CallOptions, events: CallEvents) {
    this.#events = events;
    this.#reader = new MessageReader(options.maxMessageBytes);
    const { address, path, userAgent, tls } = options;
    const headers = [
      [":path", path],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
      ["user-agent", userAgent],
    ] as const;
    const heard: RequestEvents = {
      connected: () => events.connected?.(),
      headers: (answer) => this.#answered(answer),
      data: (bytes) => this.#take(bytes),
      drain: () => events.drain(),
      closed: (reason, code) =>
        this.#fail(code === undefined ? status.unavailable : statusOfReset(code), reason),
    };
    this.#request = new Request(address, headers, heard, tls);
    this.#stopPings = keepAlive(this.#request, options, () =>
      this.#fail(status.unavailable, "The connection is dead: a ping was not answered."),
    );
  }

  /** More bytes wait to be sent than should. */
  get isFull(): boolean {
    return this.#request.isFull;
  }

  /** Sends one message made of pieces. `sent` is called when nobody needs their memory any more; not after a failure. */
  write(pieces: readonly Uint8Array[], sent?: () => void): void {
    if (this.#over) return;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#request.write([prefixOf(length), ...pieces], sent);
  }

  /** Ends call and connection at once. */
  cancel(): void {
    this.#over = true;
    this.#stopPings();
    this.#request.close();
  }

  #answered(headers: ReadonlyMap<string, string>): void {
    const told = headers.get("grpc-status");
    if (told !== undefined) {
      const code = /^\d{1,3}$/.test(told) ? Number(told) : status.unknown;
      this.#status = { code, details: decodeDetails(headers.get("grpc-message") ?? "") };
    }
    const http = Number(headers.get(":status") ?? 200);
    if (http >= 300)
      this.#status ??= { code: statusOfHttp(http), details: `The server answered HTTP ${http}.` };
  }

  #take(chunk: Buffer): void {
    try {
      this.#reader.push(chunk, (message) => {
        if (!this.#over) this.#events.message(message);
        return true;
      });
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#finish(error.status);
    }
  }

  #fail(code: number, details: string): void {
    this.#finish(this.#status ?? { code, details });
  }

  #finish(end: CallStatus): void {
    if (this.#over) return;
    this.cancel();
    this.#events.ended(end);
  }
}
