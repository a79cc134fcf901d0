import type { Logger } from "@vedette/sdk";
import type { EngineMemory } from "./layout.ts";
import type { EngineLimits } from "./messages.ts";

/** How the engine fares, as the supervisor sees it. */
export type EngineState =
  | { readonly name: "starting" }
  /** Another process holds the data directory; `holder` is its id where known. */
  | { readonly name: "locked"; readonly holder: number | undefined }
  | { readonly name: "ready"; readonly version: string; readonly pid: number }
  /** It ended and is started again after `afterMs`. `tripped` says that it fails too often and is given a rest. */
  | {
      readonly name: "restarting";
      readonly reason: string;
      readonly afterMs: number;
      readonly tripped: boolean;
    }
  | { readonly name: "stopped" };

export interface EngineOptions {
  /** The collector's state directory; the engine keeps everything below `engine/` in it. */
  readonly stateDir: string;
  readonly log?: Logger;
  /** Called at each change of state. */
  readonly onState?: (state: EngineState) => void;
  /** Name of the database, `vedette` by default. */
  readonly database?: string;
  /** Port on loopback; the system chooses by default and restarts keep it. */
  readonly port?: number;
  readonly limits?: Partial<EngineLimits>;
  readonly memory?: Partial<EngineMemory>;
}

const MiB = 1 << 20;

export const defaultLimits: EngineLimits = {
  writers: 2,
  smallWriters: 2,
  smallBodyBytes: 512 * 1024,
  readers: 4,
  maxWaiting: 64,
  maxConnections: 256,
  maxBodyBytes: 256 * MiB,
  maxSpoolBytes: 512 * MiB,
  maxStatementBytes: 8 * MiB,
  maxResultBytes: 256 * MiB,
  lockWaitMs: 30_000,
  shutdownGraceMs: 5_000,
  hangAfterMs: 60_000,
};

/** The engine's memory bounds: what the caller sets, and the rest in proportion to the whole. */
export function memoryOf(set: Partial<EngineMemory> = {}): EngineMemory {
  const maxMemoryBytes = set.maxMemoryBytes ?? 2048 * MiB;
  return {
    maxMemoryBytes,
    maxQueryMemoryBytes: Math.floor(maxMemoryBytes / 2),
    markCacheBytes: Math.min(256 * MiB, Math.floor(maxMemoryBytes / 8)),
    mergeThreads: 2,
    maxQuerySeconds: 60,
    ...set,
  };
}
