import { createServer } from "node:net";

/** Below the ports that Linux gives to connections and to servers that ask for any, so that none of those can take one meanwhile. */
const [lowest, highest] = [10_000, 32_000] as const;
/** Processes that test beside each other have ports of their own; those of another run begin somewhere else. */
const slice = Math.floor((highest - lowest) / 8);
const first = lowest + slice * (Number(process.env["VITEST_POOL_ID"] ?? 0) % 8);
const last = first + slice - 1;
let next = first + Math.floor(Math.random() * slice);

/** A TCP port on loopback that was free a moment ago, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = next;
    next = next === last ? first : next + 1;
    if (await isFree(port)) return port;
  }
  throw new Error("no port");
}

/** Whether a server may listen there, on every address. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
