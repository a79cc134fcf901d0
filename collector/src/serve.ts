import type { Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { serve } from "@hono/node-server";
import { messageOf, type TlsFiles, tlsServerOptions, VedetteError } from "@vedette/sdk";
import { type ApiDeps, createApi } from "./api/index.ts";

/**
 * An idle connection is kept longer than those that ask keep theirs (nginx 60 s, Traefik 90 s), so that
 * it is they who close it: one closed here in the moment of a request is an error there.
 */
const idleConnectionMs = 120_000;

export interface ApiServer {
  readonly url: string;
  /** Ends open requests and live tails, then closes. */
  stop(): Promise<void>;
}

/** Serves API and page, with TLS where there are files for it. Throws `transport.unavailable` where the address cannot be had. */
export async function serveApi(
  at: { readonly host: string; readonly port: number },
  deps: ApiDeps,
  tls?: { readonly files: TlsFiles; readonly signal: AbortSignal },
): Promise<ApiServer> {
  const app = createApi(deps);
  const secure = tls && {
    createServer: createTlsServer,
    serverOptions: { ...tlsServerOptions(tls.files.paths), ...tls.files.read() },
  };
  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: at.host, port: at.port, ...secure }, (address) => {
      resolve({ server: listening as Server, port: address.port });
    });
    listening.once("error", (error: unknown) => {
      const message = `Cannot listen on ${at.host}:${at.port} (collector.http.listen): ${messageOf(error)}. End what uses it, or choose another port.`;
      reject(new VedetteError("transport.unavailable", message, { verdict: "stop" }, { cause: error }));
    });
  });
  server.keepAliveTimeout = idleConnectionMs;
  const { log } = deps;
  tls?.files.watch((changed) => (server as TlsServer).setSecureContext(changed), { log, signal: tls.signal });
  const host = at.host.includes(":") ? `[${at.host}]` : at.host;
  return {
    url: `${tls ? "https" : "http"}://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
