import { join } from "node:path";
import type { Deps } from "@vedette/sdk";
import { type Disk, replaceFile } from "./disk.ts";

/**
 * Starts a new life of the spool and gives its number: larger than every number known here, and at least the
 * clock's seconds, so that a lost folder does not bring back numbers that a collector has marks for.
 */
export async function openEpoch(
  disk: Disk,
  dir: string,
  known: readonly number[],
  { clock, log }: Pick<Deps, "clock" | "log">,
): Promise<number> {
  const path = join(dir, "epoch");
  const written = Number.parseInt((await disk.readFile(path))?.toString("latin1") ?? "", 10);
  const last = Math.max(0, ...known, Number.isSafeInteger(written) ? written : 0);
  const epoch = Math.max(last + 1, Math.trunc(clock.now() / 1_000));
  try {
    await replaceFile(disk, path, Buffer.from(`${epoch}\n`));
  } catch (error) {
    // Not fatal: the first batch and every checkpoint file carry the epoch as well.
    log.warn({ error, epoch }, "The epoch file could not be written.");
  }
  return epoch;
}
