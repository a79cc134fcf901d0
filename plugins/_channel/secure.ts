import { isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { ConnectionDeps } from "@vedette/sdk";

/** A server that is reached over TCP. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly authority?: string | undefined;
}

/** Connects over the guarded way out, with TLS from the start where it is asked for. Rejects with the reason. */
export async function connectTo(to: Target, tls: boolean, deps: ConnectionDeps): Promise<Socket> {
  const socket = await deps.egress.connect({ host: to.host, port: to.port, signal: deps.signal });
  return tls ? secured(socket, to) : socket;
}

/** TLS on a connection that is there; the certificate must be for the host. */
export async function secured(plain: Socket, { host, authority }: Target): Promise<TLSSocket> {
  const socket = connectTls({
    ...{ socket: plain, minVersion: "TLSv1.2", host, servername: isIP(host) === 0 ? host : "" },
    ...(authority === undefined ? {} : { ca: authority }),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("The server closed the connection.")));
    });
    return socket;
  } catch (error) {
    plain.destroy();
    socket.destroy();
    throw error;
  }
}
