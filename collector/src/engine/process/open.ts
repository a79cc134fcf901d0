import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineReport, EngineStart } from "../messages.ts";
import { Engine } from "./engine.ts";
import type { Native } from "./native.ts";

const TRY_EVERY_MS = 250;

/**
 * Opens the data directory, waiting while another engine process still holds its lock: the orphan of a killed
 * parent needs a moment to see the end of its input and to stop.
 */
export async function openWhenFree(
  native: Native,
  start: EngineStart,
  report: (report: EngineReport) => void,
): Promise<Engine> {
  const deadline = Date.now() + start.limits.lockWaitMs;
  for (let said = false; ; ) {
    try {
      return Engine.open(native, start.dataDirectory, start.configFile);
    } catch (error) {
      const holder = lockHolder(start.dataDirectory);
      // The addon keeps the reason to itself, so a live process named in the status file stands for "locked".
      if (holder === undefined || Date.now() > deadline) {
        const who = holder === undefined ? "" : ` Process ${holder} still uses ${start.dataDirectory}.`;
        throw new Error(`The data directory cannot be opened.${who}`, { cause: error });
      }
      if (!said) report({ state: "locked", holder });
      said = true;
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}

/** The live process that the engine's status file names, if it is not this one. */
function lockHolder(directory: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)$/m.exec(readFileSync(join(directory, "status"), "utf8"))?.[1]);
    if (!Number.isInteger(pid) || pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
