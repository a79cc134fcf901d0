export { type Disk, type DiskFile, nodeDisk, replaceFile } from "./disk.ts";
export {
  catSpool,
  checkSpool,
  type SegmentReport,
  type SpoolFrame,
  type SpoolReport,
  spoolFrames,
} from "./inspect.ts";
export type { SpoolDeps, SpoolOptions } from "./options.ts";
export type { PendingBatch } from "./pending.ts";
export type { RecoveryReport } from "./recover.ts";
export { comparePlaces, type Place } from "./segment.ts";
export { Spool } from "./spool.ts";
