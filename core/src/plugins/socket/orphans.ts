import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@vedette/sdk";
import { z } from "zod";
import { bootId, processFacts } from "./proc.ts";

const record = z.object({ pid: z.int().min(2), started: z.string().min(1), boot: z.string() });

const fileOf = (run: string, name: string): string => join(run, `${name}.json`);

/** Notes who was started, before anything else is done with it. */
export function notePlugin(run: string, name: string, pid: number): void {
  const started = processFacts(pid)?.started;
  if (started === undefined) return;
  writeFileSync(fileOf(run, name), JSON.stringify({ pid, started, boot: bootId() }), { mode: 0o600 });
}

export function forgetPlugin(run: string, name: string): void {
  rmSync(fileOf(run, name), { force: true });
}

/**
 * Ends what a host before this one has left running. Only what is noted, and is the very process that was noted: a number
 * alone may be another's by now.
 */
export function reapOrphans(run: string, log: Logger): number {
  let reaped = 0;
  const boot = bootId();
  for (const file of readdirSync(run)) {
    if (!file.endsWith(".json")) continue;
    const path = join(run, file);
    const noted = readRecord(path);
    if (noted && noted.boot === boot && processFacts(noted.pid)?.started === noted.started) {
      log.warn(
        { plugin: file.slice(0, -5), pid: noted.pid },
        "A plugin outlived the host that started it; it is ended.",
      );
      signalGroup(noted.pid, "SIGKILL");
      reaped++;
    }
    rmSync(path, { force: true });
  }
  return reaped;
}

/** Signals a plugin and what it has started, which are a group. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function readRecord(path: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
