import { createServer, isIPv6, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { type InputDeps, parseAddress, TlsFiles, tlsServerOptions } from "@vedette/sdk";
import { Connection } from "./connection.ts";
import type { Receive } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { Listener, SyslogSettings } from "./settings.ts";

/** One TCP or TLS listener and its connections. */
export class TcpListener {
  /** Protocol and address, with the port it really has. */
  name = "";
  readonly #server: Server | TlsServer;
  readonly #tls: TlsFiles | undefined;
  readonly #settings: SyslogSettings;
  readonly #deps: InputDeps;
  readonly #senderOf: (address: string) => Sender;
  readonly #connections = new Set<Connection>();
  readonly #early: Socket[] = [];
  #receive: Receive | undefined;

  private constructor(
    listener: Listener,
    settings: SyslogSettings,
    deps: InputDeps,
    senderOf: (address: string) => Sender,
  ) {
    this.#settings = settings;
    this.#deps = deps;
    this.#senderOf = senderOf;
    const take = (socket: Socket): void => this.#take(socket);
    if (listener.tls) {
      const files = new TlsFiles(listener.tls, deps.baseDir);
      const options = { ...tlsServerOptions(listener.tls), ...files.read(), allowHalfOpen: true };
      const server = createTlsServer(options, take);
      server.on("tlsClientError", () => deps.failed("tls_handshake"));
      files.watch((changed) => server.setSecureContext(changed), deps);
      this.#tls = files;
      this.#server = server;
    } else {
      this.#server = createServer({ allowHalfOpen: true }, take);
    }
    // Before any handshake: who is not allowed costs nothing more than an accept.
    this.#server.prependListener("connection", (socket: Socket) => {
      socket.on("error", () => undefined);
      if (senderOf(socket.remoteAddress ?? "").allowed) return;
      deps.failed("sender_not_allowed");
      socket.destroy();
    });
    this.#server.maxConnections = settings.maxConnections;
    this.#server.on("drop", () => deps.failed("too_many_connections"));
  }

  /** Listens. Rejects where the address or the certificate cannot be used. */
  static async open(
    listener: Listener,
    settings: SyslogSettings,
    deps: InputDeps,
    senderOf: (address: string) => Sender,
  ): Promise<TcpListener> {
    const opened = new TcpListener(listener, settings, deps, senderOf);
    const { host, port } = parseAddress(listener.address);
    const server = opened.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    opened.name = `${listener.protocol} ${boundName(server)}`;
    server.on("error", (error) => {
      deps.failed("accept");
      deps.log.warn({ error, listener: opened.name }, "A listener could not take a connection.");
    });
    return opened;
  }

  get problem(): string | undefined {
    return this.#tls?.problem;
  }

  /** Hands messages to `receive` from now on. */
  start(receive: Receive): void {
    this.#receive = receive;
    for (const socket of this.#early.splice(0)) this.#serve(socket, receive);
  }

  /** Takes no more connections, tells the senders of the others that it ends, and reads what they have sent. */
  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#early) socket.destroy();
    await Promise.all([...this.#connections].map((connection) => connection.stop()));
  }

  #take(socket: Socket): void {
    if (socket.destroyed) return;
    if (this.#receive) this.#serve(socket, this.#receive);
    else this.#early.push(socket);
  }

  #serve(socket: Socket, receive: Receive): void {
    const sender = this.#senderOf(socket.remoteAddress ?? "");
    const connection = new Connection(socket, sender, this.#settings, this.#deps);
    this.#connections.add(connection);
    void connection.run(receive).finally(() => this.#connections.delete(connection));
  }
}

function boundName(server: Server): string {
  const bound = server.address();
  if (typeof bound !== "object" || bound === null) return "";
  return `${isIPv6(bound.address) ? `[${bound.address}]` : bound.address}:${bound.port}`;
}
