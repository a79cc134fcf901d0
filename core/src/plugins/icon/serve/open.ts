import { type ServerType, serve } from "@hono/node-server";
import type { HostedPlugin } from "../run/hosted.ts";
import { iconApp } from "./app.ts";

export interface IconServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a plugin on 127.0.0.1; port 0 takes a free one. Rejects where the port is taken. */
export function openIconServer(
  plugin: HostedPlugin,
  specText: string,
  port: number,
  signal: AbortSignal,
): Promise<IconServer> {
  const app = iconApp(plugin, specText, signal);
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (address) =>
      resolve({ url: `http://127.0.0.1:${address.port}`, close: () => close(server) }),
    );
    server.once("error", reject);
  });
}

async function close(server: ServerType): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if ("closeAllConnections" in server) server.closeAllConnections();
  await closed;
}
