import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { connect as connectSocket } from "node:net";
import { messageOf } from "@vedette/sdk";
import { MessageError, MessageReader, prefixBytes } from "./messages.ts";
import { http2 } from "./node-http2.ts";
import { type CallStatus, decodeDetails, status, statusOfHttp, statusOfReset } from "./status.ts";
import { errors } from "./wire/frames.ts";

export interface ChannelOptions {
  /** Path of the Unix socket of the server. */
  readonly path: string;
  /** Largest message that is taken. */
  readonly maxMessageBytes: number;
  readonly userAgent: string;
  /** Called once, when there is a connection. */
  connected?(): void;
  /** Called once, when the connection takes no more calls, has ended, or could not be made. */
  closed?(reason: string): void;
}

/** A call that the server, the connection or the deadline ended with another status than `ok`. */
export class CallError extends Error {
  readonly status: CallStatus;
  constructor(status: CallStatus) {
    super(status.details || `The call ended with status ${status.code}.`);
    this.status = status;
  }
}

const sessionMiB = 256;

/** One connection over a Unix socket for any number of calls that each send one message. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #session: ClientHttp2Session;
  #closed: string | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#session = http2().connect("http://localhost", {
      createConnection: () => connectSocket(options.path),
      // The window stays at HTTP/2's own 64 KiB. Node reads nothing while a write of its own is not done; a peer that is built
      // on Node too and has filled the socket (208 KiB) with answers would wait for us, and we for it, for ever.
      settings: { enablePush: false },
      maxSessionMemory: sessionMiB,
    });
    this.#session.once("connect", () => options.connected?.());
    this.#session.on("error", (error) => this.#close(messageOf(error)));
    this.#session.on("goaway", () => this.#leave("The server goes away."));
    this.#session.on("close", () => this.#close("The connection was closed."));
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Calls a method that answers with one message. Rejects with a CallError. */
  unary(path: string, message: Uint8Array, deadlineMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let answer: Buffer | undefined;
      const ended = (end: CallStatus): void => {
        if (end.code !== status.ok) reject(new CallError(end));
        else if (answer) resolve(answer);
        else reject(new CallError({ code: status.internal, details: "The call ended without an answer." }));
      };
      const take = (bytes: Buffer): boolean => {
        answer = bytes;
        return true;
      };
      this.#call(path, message, deadlineMs, take, ended);
    });
  }

  /**
   * Calls a method that answers with any number of messages; `take` says whether it wants more. Resolves with the status,
   * whatever it is.
   */
  stream(
    path: string,
    message: Uint8Array,
    deadlineMs: number,
    take: (bytes: Buffer) => boolean,
  ): Promise<CallStatus> {
    return new Promise((resolve) => this.#call(path, message, deadlineMs, take, resolve));
  }

  /** Ends the connection and every call at once. */
  close(reason = "The connection was ended."): void {
    this.#close(reason);
  }

  #close(reason: string): void {
    this.#leave(reason);
    this.#session.destroy();
  }

  /** Begins no more calls; those on their way may end. */
  #leave(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#session.close();
    this.#options.closed?.(reason);
  }

  #call(
    path: string,
    message: Uint8Array,
    deadlineMs: number,
    take: (bytes: Buffer) => boolean,
    ended: (status: CallStatus) => void,
  ): void {
    if (this.#closed !== undefined) {
      ended({ code: status.unavailable, details: this.#closed });
      return;
    }
    const { userAgent, maxMessageBytes } = this.#options;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        "user-agent": userAgent,
        "grpc-timeout": `${Math.ceil(deadlineMs)}m`,
      });
    } catch (error) {
      ended({ code: status.unavailable, details: messageOf(error) });
      return;
    }
    let told: CallStatus | undefined;
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    const finish = (end: CallStatus): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      if (!stream.closed) stream.close(errors.cancel);
      ended(end);
    };
    timer = setTimeout(
      () =>
        finish({ code: status.deadlineExceeded, details: `No answer within ${Math.ceil(deadlineMs)} ms.` }),
      deadlineMs,
    );
    const note = (headers: Record<string, unknown>): void => {
      const code = headers["grpc-status"];
      if (code !== undefined)
        told = { code: Number(code), details: decodeDetails(String(headers["grpc-message"] ?? "")) };
    };
    const reader = new MessageReader(maxMessageBytes);
    stream.on("response", (headers) => {
      note(headers);
      const code = headers[":status"];
      if (code !== 200)
        told ??= { code: statusOfHttp(Number(code)), details: `The server answered HTTP ${code}.` };
    });
    stream.on("trailers", note);
    stream.on("data", (chunk: Buffer) => {
      if (over) return;
      try {
        reader.push(chunk, (bytes) => {
          if (!over && !take(bytes)) finish({ code: status.ok, details: "" });
          return true;
        });
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        finish(error.status);
      }
    });
    stream.on("error", (error) => {
      if (told) return;
      const { code } = error as NodeJS.ErrnoException;
      const wasReset = code === "ERR_HTTP2_STREAM_ERROR";
      told = {
        code: wasReset ? statusOfReset(stream.rstCode ?? 0) : status.unavailable,
        details: this.#closed ?? messageOf(error),
      };
    });
    stream.on("close", () =>
      finish(
        told ?? { code: status.unavailable, details: this.#closed ?? "The call ended without a status." },
      ),
    );
    const frame = Buffer.allocUnsafe(prefixBytes + message.length);
    frame[0] = 0;
    frame.writeUInt32BE(message.length, 1);
    frame.set(message, prefixBytes);
    stream.end(frame);
  }
}
