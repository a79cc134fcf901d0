import { createServer } from "node:http";
import { parseAddress } from "@vedette/core/config";
import type { Telemetry } from "@vedette/core/telemetry";
import { type Health, messageOf, VedetteError } from "@vedette/sdk";

export interface StatusPage {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers /metrics (Prometheus text) and /healthz (JSON, 503 on errors) on loopback. */
export async function serveStatus(
  listen: string,
  telemetry: Telemetry,
  health: () => Health,
): Promise<StatusPage> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET") response.writeHead(405, { allow: "GET" }).end();
    else if (path === "/metrics") {
      response
        .writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" })
        .end(telemetry.render());
    } else if (path === "/healthz") {
      const state = health();
      response
        .writeHead(state.status === "error" ? 503 : 200, { "content-type": "application/json" })
        .end(`${JSON.stringify(state)}\n`);
    } else response.writeHead(404).end();
  });
  const { host, port } = parseAddress(listen);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const message = `Cannot listen on ${listen}: ${messageOf(error)}. Choose another agent.http.listen.`;
      reject(new VedetteError("config.invalid", message, { verdict: "stop" }, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
