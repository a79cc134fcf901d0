import { lockDir } from "@vedette/core/lock";
import { VedetteError } from "@vedette/sdk";

/** Keeps a second agent out of a spool. Gives the release; throws `spool.locked` where another process has it. */
export const lockSpool = (dir: string): Promise<() => Promise<void>> =>
  lockDir(dir, (why) => {
    const message = `${why} Stop it, or give this agent a stateDir of its own.`;
    return new VedetteError("spool.locked", message, { verdict: "stop" });
  });
