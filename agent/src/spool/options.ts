import { type Deps, VedetteError } from "@vedette/sdk";
import type { Disk } from "./disk.ts";

export interface SpoolOptions {
  readonly dir: string;
  /** Bound of all segments together. */
  readonly maxBytes: number;
  /** Size after which a segment is closed; a segment is deleted as a whole. */
  readonly segmentBytes: number;
  readonly onFull: "block" | "dropOldest";
}

export interface SpoolDeps extends Deps {
  readonly disk?: Disk;
  readonly lock?: (dir: string) => Promise<() => Promise<void>>;
  /** Called with the batches that `dropOldest` gave up. */
  readonly dropped?: (batches: number, bytes: number) => void;
}

export const spoolClosed = (): VedetteError =>
  new VedetteError(
    "spool.full",
    "The spool was closed before the batch was on disk; its lines are read again.",
    {
      verdict: "stop",
    },
  );
