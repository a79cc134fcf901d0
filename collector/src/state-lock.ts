import { mkdir } from "node:fs/promises";
import { lockDir } from "@vedette/core/lock";
import { VedetteError } from "@vedette/sdk";

/**
 * Keeps a second collector out of a state directory, which is made where it is missing. Gives the release; throws
 * `control.locked` where another process has it, before its engine would wait for the data in vain.
 */
export async function lockState(stateDir: string): Promise<() => Promise<void>> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return lockDir(stateDir, (why) => {
    const message = `${why} Stop it, or give this collector a stateDir (vedette up: --data-dir) of its own.`;
    return new VedetteError("control.locked", message, { verdict: "stop" });
  });
}
