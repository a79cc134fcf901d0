import { constants } from "node:crypto";
import { once } from "node:events";
import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { SecureVersion, TLSSocket } from "node:tls";
import { type KeepAlive, keepAlive } from "./keep-alive.ts";
import { MessageError, MessageReader, prefixOf } from "./messages.ts";
import { http2 } from "./node-http2.ts";
import { type CallStatus, encodeDetails, status } from "./status.ts";
import { type CallerProblem, callerOf, type PeerCertificate, wordOf } from "./tls.ts";
import { errors } from "./wire/frames.ts";

export interface ServerOptions extends KeepAlive {
  /** An address, where port 0 takes a free one, or the path of a Unix socket, whose file must not be there yet. */
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Largest message that is taken. */
  readonly maxMessageBytes: number;
  /** Streams of one connection at the same time. */
  readonly maxStreams: number;
  /** Connections at the same time; more are closed at once. Default: as many as come. */
  readonly maxConnections?: number;
  /** Default: no TLS. */
  readonly tls?: ServerTls;
  /** Methods that may be called without a certificate, with small messages. Default: none. */
  readonly openTo?: ReadonlySet<string>;
  /** Why whoever has a certificate may not call; undefined where it may. Asked at the beginning of each call, and by `recheck`. */
  admits?(certificate: PeerCertificate): string | undefined;
  /** Told of each connection whose TLS failed, and of each call without a certificate that it needs. */
  refused?(reason: RefusedReason, address: string | undefined): void;
}

/** `certificate`: it is good, and its bearer may not come. */
export type RefusedReason = "handshake" | "certificate" | `certificate_${CallerProblem}`;

/** Certificate chain and private key, PEM, and the least version of TLS. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: SecureVersion;
  /** Authorities of clients, PEM. With it calls need a certificate of theirs. */
  readonly ca?: Buffer;
}

/** What a method does with one call. */
export interface CallHandler {
  message(bytes: Buffer): void;
  /** The client sends no more. */
  end(): void;
  /** What could not be written before is on its way. */
  drain(): void;
  /** Called once, last; with an error where the stream broke. */
  close(error?: Error): void;
}

export type Methods = Readonly<Record<string, (call: ServerCall) => CallHandler>>;

/**
 * Bytes that a client may send ahead on a stream, and on all of its streams together: what a call that is paused leaves in our
 * memory. HTTP/2's own 64 KiB would have a client wait for us all the time.
 */
const windowBytes = 1 << 20;
/** Largest message of who shows no certificate. */
const openBytes = 16_384;
/** Each frame of a client costs a call, however large it is. */
const frameBytes = 1 << 20;

/** A client's call with streams both ways. */
export class ServerCall {
  readonly #stream: ServerHttp2Stream;
  readonly #metadata: IncomingHttpHeaders;
  readonly #reader: MessageReader;
  readonly #handler: CallHandler;
  /** Bytes that came while the call was paused. */
  #rest: Buffer | undefined;
  #paused = false;
  #status: CallStatus | undefined;
  #isEnded = false;

  /** Address of who calls; undefined over a Unix socket, and once the connection is gone. */
  get peer(): string | undefined {
    return this.#stream.session?.socket.remoteAddress;
  }

  /** The verified certificate of who calls; undefined where none was asked for. */
  readonly certificate: PeerCertificate | undefined;

  constructor(
    stream: ServerHttp2Stream,
    metadata: IncomingHttpHeaders,
    accept: (call: ServerCall) => CallHandler,
    maxMessageBytes: number,
    certificate?: PeerCertificate,
  ) {
    this.certificate = certificate;
    this.#stream = stream;
    this.#metadata = metadata;
    this.#reader = new MessageReader(maxMessageBytes);
    stream.respond(headers, { waitForTrailers: true });
    stream.on("wantTrailers", () => {
      const { code, details } = this.#status ?? { code: status.ok, details: "" };
      stream.sendTrailers({
        "grpc-status": String(code),
        ...(details && { "grpc-message": encodeDetails(details) }),
      });
      // A client that goes on sending is told that nobody reads it.
      setImmediate(() => stream.close(errors.none));
    });
    this.#handler = accept(this);
    let failure: Error | undefined;
    stream.on("error", (error) => {
      failure = error;
    });
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("drain", () => this.#handler.drain());
    stream.on("end", () => {
      this.#isEnded = true;
      if (!this.#rest && !this.#status) this.#handler.end();
    });
    stream.on("close", () => this.#handler.close(failure));
  }

  /** What the client says beside its messages, by a name in small letters; "" where it does not say it. */
  metadata(name: string): string {
    const value = this.#metadata[name];
    return typeof value === "string" ? value : "";
  }

  /** More bytes wait to be read by the client than should. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  write(message: Uint8Array): void {
    if (this.#status || this.#stream.destroyed) return;
    this.#stream.cork();
    this.#stream.write(prefixOf(message.length));
    this.#stream.write(message);
    this.#stream.uncork();
  }

  /** Gives no further message until `resume`; the client has to wait when it has sent as much as it may. */
  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest) this.#take(rest);
    if (this.#paused) return;
    if (this.#isEnded) this.#handler.end();
    else this.#stream.resume();
  }

  /** Ends the call with a status. What comes from the client afterwards is passed over. */
  end(code: number = status.ok, details = ""): void {
    if (this.#status) return;
    this.#status = { code, details };
    this.#rest = undefined;
    this.#stream.resume();
    if (!this.#stream.destroyed) this.#stream.end();
  }

  #take(chunk: Buffer): void {
    if (this.#status) return;
    if (this.#rest) {
      // It was read before the stream was paused.
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return;
    }
    try {
      this.#rest = this.#reader.push(chunk, (message) => {
        this.#handler.message(message);
        return !this.#paused && !this.#status;
      });
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.end(error.status.code, error.status.details);
    }
  }
}

const headers = { ":status": 200, "content-type": "application/grpc+proto" };

export interface GrpcServer {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Ends the connections when their calls have ended, after `graceMs` in any case. */
  stop(graceMs: number): Promise<void>;
  /** Asks `admits` of every call that goes on, and ends those that may not. */
  recheck(): void;
  /** Takes another certificate for connections that come from now on. */
  renew(tls: ServerTls): void;
}

/** Serves methods by their path, `/package.Service/Method`. Rejects with the system's error where the address cannot be had. */
export async function listenGrpc(options: ServerOptions, methods: Methods): Promise<GrpcServer> {
  const { at, maxStreams, maxMessageBytes, tls, maxConnections } = options;
  const settings = {
    initialWindowSize: windowBytes,
    maxConcurrentStreams: maxStreams,
    maxFrameSize: frameBytes,
  };
  const asks = tls?.ca !== undefined;
  const secure = tls && http2().createSecureServer({ settings, ...tls, ...secureOptions(asks) });
  const refuse: NonNullable<ServerOptions["refused"]> = (...why) => options.refused?.(...why);
  secure?.on("tlsClientError", (_, { remoteAddress }) => refuse("handshake", remoteAddress));
  const server = secure ?? http2().createServer({ settings });
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const calls = new Set<ServerCall>();
  server.on("session", (session) => {
    sessions.add(session);
    session.setLocalWindowSize(windowBytes);
    const stop = keepAlive(session, options, () => session.destroy());
    session.on("error", () => undefined);
    session.on("close", () => {
      stop();
      sessions.delete(session);
    });
  });
  server.on("stream", (stream, request) => {
    stream.on("error", () => undefined);
    const accept = methods[request[":path"] ?? ""];
    if (request[":method"] !== "POST" || !request["content-type"]?.startsWith("application/grpc")) {
      stream.respond({ ":status": 415 }, { endStream: true });
    } else if (!accept) answer(stream, status.unimplemented, "There is no such method.");
    else {
      const socket = stream.session?.socket as TLSSocket | undefined;
      const caller = asks && socket ? callerOf(socket) : { certificate: undefined };
      const isOpen = options.openTo?.has(request[":path"] ?? "") === true;
      if ("problem" in caller && !isOpen) {
        refuse(`certificate_${caller.problem}`, socket?.remoteAddress);
        answer(stream, status.unauthenticated, wordOf(caller.problem));
        return;
      }
      const certificate = "problem" in caller ? undefined : caller.certificate;
      const denied = certificate && options.admits?.(certificate);
      if (denied !== undefined) {
        refuse("certificate", socket?.remoteAddress);
        answer(stream, status.permissionDenied, denied);
        return;
      }
      const most = isOpen ? openBytes : maxMessageBytes;
      const call = new ServerCall(stream, request, accept, most, certificate);
      if (!certificate || !options.admits) return;
      calls.add(call);
      stream.once("close", () => calls.delete(call));
    }
  });
  server.listen(at);
  await once(server, "listening");
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === "string" ? 0 : address.port,
    stop: (graceMs) => stop(server, sessions, sockets, graceMs),
    recheck: () => {
      for (const call of calls) {
        const denied = call.certificate && options.admits?.(call.certificate);
        if (denied === undefined) continue;
        refuse("certificate", call.peer);
        call.end(status.permissionDenied, denied);
      }
    },
    renew: (renewed) => secure?.setSecureContext({ ...renewed, ...secureOptions(asks) }),
  };
}

/**
 * Clients without a certificate that is believed are answered with the reason, call by call, which a connection that is torn down
 * could not tell them. Nobody goes on where an old connection ended: each shows its certificate anew.
 */
const secureOptions = (asks: boolean) => ({
  ...{ requestCert: asks, rejectUnauthorized: false, handshakeTimeout: 10_000 },
  secureOptions: constants.SSL_OP_NO_TICKET,
});

/** Ends a call before it began. */
function answer(stream: ServerHttp2Stream, code: number, details: string): void {
  const trailers = { "grpc-status": String(code), "grpc-message": encodeDetails(details) };
  stream.respond({ ...headers, ...trailers }, { endStream: true });
}

async function stop(
  server: Http2Server | Http2SecureServer,
  sessions: ReadonlySet<ServerHttp2Session>,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const session of sessions) session.close();
  const forced = setTimeout(() => {
    for (const session of sessions) session.destroy();
    // Those that have no session yet, and of TLS those that outlive theirs: the other side went away in the same moment.
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(forced);
}
