import { join } from "node:path";
import { type Batch, type BatchHeader, decodeBatch } from "@vedette/core/batch";
import { type Disk, nodeDisk } from "./disk.ts";
import { damagedDir, listSegments } from "./recover.ts";
import { scanFrames } from "./scan.ts";
import { SpoolState } from "./state.ts";

/** One segment as `vedette spool check` shows it. */
export interface SegmentReport {
  readonly segment: string;
  readonly bytes: number;
  readonly batches: number;
  readonly rows: number;
  readonly unacknowledged: number;
  /** Bytes that belong to no whole batch; in the newest segment they may just be being written. */
  readonly badBytes: number;
}

export interface SpoolReport {
  readonly segments: readonly SegmentReport[];
  /** Sources with a checkpoint, those only in batches included. */
  readonly checkpoints: Readonly<Record<string, number>>;
  /** Files that earlier repairs set aside. */
  readonly damaged: readonly string[];
  /** Sentences on what is wrong; empty when all is well. */
  readonly problems: readonly string[];
}

/** Examines a spool without changing it; also while an agent uses it. */
export async function checkSpool(dir: string, disk: Disk = nodeDisk): Promise<SpoolReport> {
  const state = new SpoolState();
  const problems: string[] = [];
  const unreadable = await state.load(disk, dir);
  if (unreadable !== undefined) problems.push(`The checkpoint file is damaged: ${unreadable}.`);
  const segments: SegmentReport[] = [];
  const names = await listSegments(disk, dir);
  for (const { name } of names) {
    const bytes = (await disk.readFile(join(dir, name))) ?? Buffer.alloc(0);
    const { frames, bad } = scanFrames(bytes);
    for (const { header } of frames) state.advance(header.sources);
    const badBytes = bad.reduce((sum, stretch) => sum + stretch.size, 0);
    if (badBytes > 0 && name !== names.at(-1)?.name) problems.push(`${name} has ${badBytes} damaged bytes.`);
    segments.push({
      segment: name,
      bytes: bytes.length,
      batches: frames.length,
      rows: frames.reduce((sum, { header }) => sum + header.rows, 0),
      unacknowledged: frames.filter(({ header }) => !state.isAcknowledged(header.epoch, header.sequence))
        .length,
      badBytes,
    });
  }
  const damaged = await disk.list(join(dir, damagedDir));
  if (damaged.length > 0) problems.push(`${damaged.length} damaged files were set aside in ${damagedDir}/.`);
  return { segments, checkpoints: Object.fromEntries(state.sources), damaged, problems };
}

/** Reads all batches of a spool in order, acknowledged ones included. Damaged ones are left out. */
export async function* catSpool(
  dir: string,
  disk: Disk = nodeDisk,
): AsyncGenerator<{ readonly header: BatchHeader; readonly batch: Batch }> {
  for (const { name } of await listSegments(disk, dir)) {
    const bytes = (await disk.readFile(join(dir, name))) ?? Buffer.alloc(0);
    for (const { header, offset, size } of scanFrames(bytes).frames) {
      yield { header, batch: decodeBatch(bytes.subarray(offset, offset + size)) };
    }
  }
}
