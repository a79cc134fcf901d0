import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTls } from "node:https";
import type { AddressInfo } from "node:net";
import { type ConnectionDeps, createEgress } from "@vedette/sdk";
import { testDeps } from "@vedette/sdk/testing";

/** A request as it came in. */
export interface Seen {
  /** Method and path. */
  readonly line: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A server on loopback that notes what comes and answers as it is told. */
export class Loopback {
  readonly seen: Seen[] = [];
  answer: RequestListener = (_, response) => void response.end();
  readonly #server: Server;
  readonly #scheme: string;

  /** With a certificate it speaks TLS. */
  constructor(tls?: { readonly cert: Buffer; readonly key: Buffer }) {
    const listen: RequestListener = (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const body = Buffer.concat(parts).toString("utf8");
        this.seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
        this.answer(request, response);
      });
    };
    this.#server = tls ? createTls(tls, listen) : createServer(listen);
    this.#scheme = tls ? "https" : "http";
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a channel works with, with loopback allowed or not. */
export const channelDeps = (signal?: AbortSignal, allow: string[] = ["127.0.0.1"]): ConnectionDeps => ({
  ...testDeps(signal),
  egress: createEgress({ allow }),
});
