import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { messageOf } from "@vedette/sdk";
import type { AllowedHosts } from "./hosts.ts";

/** Connections of one program at a time; more are closed at once. */
export const maxConnections = 64;
const connectMs = 10_000;
/** A connection over which nothing goes for so long is closed. */
const idleMs = 300_000;
/** Headers that are between two neighbours (RFC 9110 §7.6.1) or for the proxy. */
const hops = [
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"],
  ...["te", "trailer", "transfer-encoding", "upgrade"],
];

/** What became of what a program asked for. */
export interface ProxyEvents {
  reached(): void;
  /** `why` is a sentence. */
  refused(target: string, why: string): void;
  failed(target: string, why: string): void;
}

/**
 * A proxy for HTTP (absolute addresses, RFC 9112 §3.2.2) and for everything over CONNECT (RFC 9110 §9.3.6), which reaches only
 * hosts that are allowed. It listens nowhere: connections are handed to it.
 */
export function hostProxy({ allows, egress }: AllowedHosts, told: ProxyEvents): Server {
  const refusal = (host: string, port: number): string | undefined =>
    allows(host, port)
      ? undefined
      : `${host}:${port} is not among the hosts of its rule (isolation.rules.<name>.hosts).`;

  const connect = async (asked: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    client.on("error", () => client.destroy());
    const { host, port } = authority(asked.url ?? "") ?? { host: "", port: 0 };
    const why = refusal(host, port);
    if (why !== undefined) {
      told.refused(`${host}:${port}`, why);
      client.end(answer(403, "Forbidden", why));
      return;
    }
    let upstream: Socket;
    try {
      upstream = await egress(port).connect({ host, port, signal: AbortSignal.timeout(connectMs) });
    } catch (error) {
      told.failed(`${host}:${port}`, messageOf(error));
      client.end(answer(502, "Bad Gateway", messageOf(error)));
      return;
    }
    told.reached();
    upstream.setTimeout(idleMs, () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.write(head);
    client.pipe(upstream).pipe(client);
  };

  const pass = (asked: IncomingMessage, response: ServerResponse): void => {
    const say = (status: number, why: string): void => {
      if (response.headersSent) response.destroy();
      else response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`${why}\n`);
    };
    const url = URL.parse(asked.url ?? "");
    if (url?.protocol !== "http:") {
      say(400, "This is a proxy: it takes addresses that begin with http://.");
      return;
    }
    const [host, port] = [url.hostname.replace(/^\[|\]$/g, ""), Number(url.port || 80)];
    const why = refusal(host, port) ?? (isIP(host) === 0 ? undefined : egress(port).refusal(host));
    if (why !== undefined) {
      told.refused(`${host}:${port}`, why);
      say(403, why);
      return;
    }
    const fail = (error: Error): void => {
      told.failed(`${host}:${port}`, messageOf(error));
      say(502, messageOf(error));
    };
    const { method } = asked;
    const headers = { ...endToEnd(asked), host: url.host };
    const path = `${url.pathname}${url.search}`;
    const options = { host, port, path, method, headers, lookup: egress(port).lookup, timeout: idleMs };
    const onward = request({ ...options, agent: false }, (came) => {
      told.reached();
      response.writeHead(came.statusCode ?? 502, endToEnd(came));
      came.pipe(response);
      came.on("error", () => response.destroy());
    });
    onward.on("timeout", () => onward.destroy(new Error("The host did not answer in time.")));
    onward.on("error", fail);
    response.on("close", () => onward.destroy());
    asked.pipe(onward);
  };

  const server = createServer({ keepAliveTimeout: 5_000 }, pass);
  server.on("connect", (asked, client, head) => void connect(asked, client, head));
  server.on("clientError", (_, client) => client.destroy());
  server.on("connection", (socket: Socket) => socket.setTimeout(idleMs, () => socket.destroy()));
  return server;
}

function authority(text: string): { readonly host: string; readonly port: number } | undefined {
  const url = URL.parse(`tcp://${text}`);
  if (!url || url.port === "" || url.pathname !== "" || url.username !== "") return undefined;
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port) };
}

function endToEnd({ headers }: IncomingMessage): IncomingMessage["headers"] {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hops.includes(name) && !named.includes(name)),
  );
}

const answer = (status: number, word: string, why: string): string =>
  `HTTP/1.1 ${status} ${word}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${why.replaceAll(/[\r\n]+/g, " ")}\n`;
