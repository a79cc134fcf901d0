import { createServer } from "node:net";

const tries = 20;

/** The first free port on loopback from `start` on. Throws when the next 20 are all taken. */
export async function firstFreePort(start: number): Promise<number> {
  for (let port = start; port < start + tries; port++) if (await isFree(port)) return port;
  throw new Error(`The ports ${start} to ${start + tries - 1} are all taken; name another one with --port.`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
