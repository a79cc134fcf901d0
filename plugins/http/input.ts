import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { isIPv6, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import {
  type Health,
  type Input,
  type InputDeps,
  type InputSink,
  messageOf,
  type Position,
  parseAddress,
  TlsFiles,
  tlsServerOptions,
} from "@vedette/sdk";
import { allowList, plainAddress } from "../_net/networks.ts";
import { later, Refusal } from "./answer.ts";
import { Budget } from "./body.ts";
import { Intake } from "./intake.ts";
import { Rate } from "./rate.ts";
import { Repeats } from "./repeats.ts";
import { type OpenRoute, openRoutes, takeRequest } from "./request.ts";
import type { HttpSettings } from "./settings.ts";

/** How long a stopping input waits for the requests whose bodies are on their way. */
const graceMs = 500;

/** Reads the secrets and listens. Rejects where a secret is missing or the address cannot be used. */
export async function openHttp(settings: HttpSettings, deps: InputDeps): Promise<Input> {
  const routes = openRoutes(settings, deps);
  const limits = {
    headersTimeout: settings.headerSeconds * 1_000,
    requestTimeout: settings.bodySeconds * 1_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
  };
  const files = settings.tls && new TlsFiles(settings.tls, deps.baseDir);
  const server =
    settings.tls && files
      ? createTlsServer({ ...limits, ...tlsServerOptions(settings.tls), ...files.read() })
      : createServer(limits);
  if (files) files.watch((changed) => (server as TlsServer).setSecureContext(changed), deps);
  const { host, port } = parseAddress(settings.listen);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`Cannot listen on ${settings.listen}: ${messageOf(cause)}.`, { cause })),
    );
    server.listen({ host, port }, () => resolve());
  });
  server.removeAllListeners("error");
  return new HttpInput(server, files, routes, settings, deps);
}

class HttpInput implements Input {
  readonly #server: Server | TlsServer;
  readonly #files: TlsFiles | undefined;
  readonly #routes: ReadonlyMap<string, OpenRoute>;
  readonly #settings: HttpSettings;
  readonly #deps: InputDeps;
  readonly #budget: Budget;
  readonly #rate: Rate;
  readonly #repeats = new Repeats();
  #intake: Intake | undefined;
  #requests = 0;
  #stopping = false;

  constructor(
    server: Server | TlsServer,
    files: TlsFiles | undefined,
    routes: ReadonlyMap<string, OpenRoute>,
    settings: HttpSettings,
    deps: InputDeps,
  ) {
    this.#server = server;
    this.#files = files;
    this.#routes = routes;
    this.#settings = settings;
    this.#deps = deps;
    this.#budget = new Budget(settings.memoryBytes);
    this.#rate = new Rate(settings.requestsPerSecond);
    const allowed = allowList(settings.allow);
    server.maxConnections = Math.max(1_024, settings.maxConcurrent * 2);
    server.on("drop", () => deps.failed("too_many_connections"));
    server.prependListener("connection", (socket: Socket) => {
      socket.on("error", () => undefined);
      if (allowed(plainAddress(socket.remoteAddress ?? ""))) return;
      deps.failed("sender_not_allowed");
      socket.destroy();
    });
    server.on("tlsClientError", () => deps.failed("tls_handshake"));
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      deps.failed("bad_request");
      const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
      socket.end(`HTTP/1.1 ${late ? "408 Request Timeout" : "400 Bad Request"}\r\nconnection: close\r\n\r\n`);
    });
    server.on("error", (error) =>
      deps.log.warn({ error, input: deps.inputId }, "A listener could not take a connection."),
    );
    server.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response),
    );
  }

  async run(sink: InputSink): Promise<void> {
    const { signal, log, inputId } = this.#deps;
    const failure = Promise.withResolvers<never>();
    this.#intake = new Intake(sink, this.#deps, this.#settings.durableWithinMs, failure.reject);
    log.info({ input: inputId, listen: this.#address }, "Requests are awaited.");
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    try {
      await Promise.race([stopped, failure.promise]);
    } finally {
      // Bodies on their way have a moment to arrive; what is pushed is answered in `durable`, or at last in `close`.
      this.#stopping = true;
      this.#server.close();
      this.#server.closeIdleConnections();
      await this.#intake.finish(graceMs);
    }
  }

  durable(position: Position): void {
    this.#intake?.waiters.reached(position);
  }

  async close(): Promise<void> {
    this.#intake?.waiters.giveUp(
      later("stopping", "The agent stops and does not know whether the logs are on disk."),
    );
    const end = performance.now() + graceMs;
    while (this.#requests > 0 && performance.now() < end) await setTimeout(5);
    this.#server.closeAllConnections();
  }

  health(): Health {
    if (this.#files?.problem !== undefined)
      return { status: "warning", message: `The old certificate stays in use: ${this.#files.problem}.` };
    if (this.#intake?.blocked)
      return { status: "warning", message: "Requests are told to come later: the spool is full." };
    return { status: "healthy", message: `Listening on ${this.#address}.` };
  }

  get #address(): string {
    const bound = this.#server.address();
    if (typeof bound !== "object" || bound === null) return this.#settings.listen;
    return `${isIPv6(bound.address) ? `[${bound.address}]` : bound.address}:${bound.port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++;
    try {
      const rows = await this.#take(request);
      if (rows === "healthy") respond(response, 200, { status: "healthy" });
      else respond(response, 200, { rows });
    } catch (error) {
      const refusal = error instanceof Refusal ? error : this.#fault(error);
      this.#deps.failed(`http_${refusal.reason}`);
      const { status, headers, row } = refusal;
      respond(response, status, { error: refusal.message, ...(row === undefined ? {} : { row }) }, headers);
    } finally {
      // What nobody read is thrown away: it would hold up the next request of the connection.
      request.resume();
      this.#requests--;
    }
  }

  async #take(request: IncomingMessage): Promise<number | "healthy"> {
    const { healthPath, maxConcurrent } = this.#settings;
    const path = request.url?.split("?", 1)[0] ?? "";
    const intake = this.#intake;
    const ready = intake !== undefined && !this.#stopping && !intake.blocked;
    if (path === healthPath) {
      if (request.method !== "GET" && request.method !== "HEAD") throw notAllowed("GET, HEAD");
      if (!ready) throw later("not_ready", "Nothing is taken at the moment.");
      return "healthy";
    }
    const address = plainAddress(request.socket.remoteAddress ?? "");
    const waitSeconds = this.#rate.take(address, performance.now());
    if (waitSeconds > 0)
      throw new Refusal(429, "rate", "Too many requests.", { retryAfterSeconds: Math.ceil(waitSeconds) });
    const route = this.#routes.get(path);
    if (!route) throw new Refusal(404, "path", "There is nothing at this path.");
    if (request.method !== "POST" && request.method !== "PUT") throw notAllowed("POST, PUT");
    if (intake === undefined || this.#stopping) throw later("not_ready", "Nothing is taken at the moment.");
    if (this.#requests > maxConcurrent) throw later("concurrency", "Too many requests at the same time.", 1);
    return takeRequest(request, address, route, {
      settings: this.#settings,
      deps: this.#deps,
      intake,
      budget: this.#budget,
      repeats: this.#repeats,
    });
  }

  #fault(error: unknown): Refusal {
    // The sender went away in the middle of its body.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE")
      return new Refusal(400, "aborted", "The body ended early.");
    this.#deps.log.error({ error, input: this.#deps.inputId }, "A request could not be taken.");
    return new Refusal(500, "fault", "The request could not be taken.");
  }
}

const notAllowed = (allow: string): Refusal =>
  new Refusal(405, "method", `Only ${allow} here.`, { headers: { allow } });

function respond(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  const plain = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
  };
  response.writeHead(status, { ...plain, ...headers }).end(text);
}
