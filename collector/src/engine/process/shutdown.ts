import type { Server } from "node:http";
import type { Engine } from "./engine.ts";

const KILL_AFTER_MS = 1000;
const LOOK_EVERY_MS = 20;

/**
 * Ends the process without harm: no new requests, a moment for running statements, then KILL QUERY, then close.
 * `process.exit` under a running query hangs in chDB, so a statement that survives all of this is ended by SIGKILL,
 * which the data directory is safe against.
 */
export async function shutdown(
  server: Server,
  engine: Engine,
  graceMs: number,
  cleanUp: () => void,
): Promise<void> {
  engine.refuseMore();
  server.close();
  server.closeIdleConnections();
  const started = Date.now();
  const ended = async (untilMs: number) => {
    while (engine.running > 0 && Date.now() - started < untilMs) await pause(LOOK_EVERY_MS);
    return engine.running === 0;
  };
  if (!(await ended(Math.min(KILL_AFTER_MS, graceMs / 2)))) {
    await Promise.race([engine.killAll(), pause(graceMs / 4)]);
    if (!(await ended(graceMs))) process.kill(process.pid, "SIGKILL");
  }
  server.closeAllConnections();
  // Before the lock is given up: the next engine uses the same place.
  cleanUp();
  engine.close();
  process.exit(0);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
