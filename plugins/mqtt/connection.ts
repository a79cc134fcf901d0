import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { tlsClientOptions } from "@vedette/sdk";
import type { Settings } from "./settings.ts";

/** How long a broker may take to accept a connection and to answer its first packet, milliseconds. */
export const connectTimeoutMs = 10_000;

/** Opens the socket of the configured broker, with TLS where the URL says so. Rejects with the reason. */
export async function openSocket(settings: Settings, baseDir: string, signal: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port } = new URL(settings.url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const secure = protocol === "mqtts:";
  const target = { host, port: port === "" ? (secure ? 8_883 : 1_883) : Number(port) };
  const socket = secure
    ? connectTls({
        servername: isIP(host) ? "" : host,
        ...target,
        ...(await tlsClientOptions(settings.tls, baseDir)),
      })
    : connectPlain(target);
  socket.setNoDelay(true);
  try {
    await opened(socket, secure ? "secureConnect" : "connect", signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

function opened(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      socket.off("error", settle);
      socket.off("close", closed);
      if (error) fail(error);
      else done();
    };
    const aborted = (): void => settle(new Error("The agent stops."));
    const closed = (): void => settle(new Error("The broker closed the connection."));
    const timer = setTimeout(() => settle(new Error("The broker did not answer.")), connectTimeoutMs);
    signal.addEventListener("abort", aborted, { once: true });
    socket.once("error", settle);
    socket.once("close", closed);
    socket.once(event, () => settle());
    if (signal.aborted) aborted();
  });
}
