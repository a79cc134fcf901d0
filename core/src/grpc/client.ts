import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from "node:http2";
import { connect as connectSocket } from "node:net";
import { messageOf } from "@vedette/sdk";
import { type KeepAlive, keepAlive } from "./keep-alive.ts";
import { MessageError, MessageReader, prefixOf } from "./messages.ts";
import { type CallStatus, decodeDetails, status, statusOfHttp, statusOfReset } from "./status.ts";

export interface CallOptions extends KeepAlive {
  /** `host:port`, or the path of a Unix socket. */
  readonly address: string | { readonly path: string };
  /** `/package.Service/Method` */
  readonly path: string;
  /** Largest message that is taken. */
  readonly maxMessageBytes: number;
  readonly userAgent: string;
}

export interface CallEvents {
  message(bytes: Buffer): void;
  /** There is room again after `isFull`. */
  drain(): void;
  /** Called once, last, however the call ended. Not after `cancel`. */
  ended(status: CallStatus): void;
}

/** Above what one message waits with; with more in memory, Node refuses the server's answer. */
const sessionMiB = 256;

/** A call with streams both ways, on a connection of its own. */
export class Call {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #events: CallEvents;
  readonly #reader: MessageReader;
  readonly #stopPings: () => void;
  #status: CallStatus | undefined;
  #over = false;

  constructor(options: CallOptions, events: CallEvents) {
    this.#events = events;
    this.#reader = new MessageReader(options.maxMessageBytes);
    const { address } = options;
    const isSocket = typeof address === "object";
    this.#session = connect(isSocket ? "http://localhost" : `http://${address}`, {
      ...(isSocket && { createConnection: () => connectSocket(address.path) }),
      settings: { enablePush: false },
      maxSessionMemory: sessionMiB,
    });
    this.#session.on("error", (error) => this.#fail(status.unavailable, messageOf(error)));
    this.#session.on("close", () => this.#fail(status.unavailable, "The connection was closed."));
    this.#stopPings = keepAlive(this.#session, options, () =>
      this.#fail(status.unavailable, "The connection is dead: a ping was not answered."),
    );
    this.#stream = this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: options.path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
      [constants.HTTP2_HEADER_USER_AGENT]: options.userAgent,
    });
    this.#stream.on("response", (headers) => this.#answered(headers));
    this.#stream.on("trailers", (headers) => this.#note(headers));
    this.#stream.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#stream.on("drain", () => events.drain());
    this.#stream.on("error", (error: NodeJS.ErrnoException) => {
      // Only this one comes from the server; any other comes from the connection.
      const wasReset = error.code === "ERR_HTTP2_STREAM_ERROR";
      this.#fail(wasReset ? statusOfReset(this.#stream.rstCode ?? 0) : status.unavailable, messageOf(error));
    });
    this.#stream.on("end", () => this.#end());
    this.#stream.on("close", () => this.#end());
  }

  /** More bytes wait to be sent than should. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Sends one message made of pieces. `sent` is called when nobody needs their memory any more; not after a failure. */
  write(pieces: readonly Uint8Array[], sent?: () => void): void {
    const stream = this.#stream;
    if (this.#over || stream.destroyed) return;
    stream.cork();
    stream.write(prefixOf(pieces.reduce((sum, piece) => sum + piece.length, 0)));
    pieces.forEach((piece, i) => {
      const isLast = i === pieces.length - 1;
      stream.write(piece, isLast ? (error) => void (error ? undefined : sent?.()) : undefined);
    });
    stream.uncork();
  }

  /** Ends call and connection at once. */
  cancel(): void {
    this.#over = true;
    this.#stopPings();
    this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#session.destroy();
  }

  #answered(headers: IncomingHttpHeaders): void {
    this.#note(headers);
    const code = Number(headers[":status"]);
    if (code !== 200)
      this.#status ??= { code: statusOfHttp(code), details: `The server answered HTTP ${code}.` };
  }

  #note(headers: IncomingHttpHeaders): void {
    const code = headers["grpc-status"];
    if (code === undefined) return;
    const known = /^\d{1,3}$/.test(String(code)) ? Number(code) : status.unknown;
    this.#status = { code: known, details: decodeDetails(String(headers["grpc-message"] ?? "")) };
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

  #end(): void {
    this.#fail(statusOfReset(this.#stream.rstCode ?? 0), "The stream was closed without a status.");
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
