import { join } from "node:path";
import { type Batch, type BatchHeader, decodeBatch } from "@vedette/core/batch";
import { type Disk, nodeDisk } from "./disk.ts";
import { damagedDir, listSegments } from "./recover.ts";
import { scanFrames } from "./scan.ts";
import { SpoolState } from "./state.ts";

/** One segment as `vedette spool check` shows it. */
export interface SegmentReport {
  readonly name: string;
  readonly bytes: number;
  readonly batches: number;
  readonly rows: number;
  readonly unacknowledged: number;
  /** What is wrong with it; undefined when all is well. */
  readonly problem: string | undefined;
}

export interface SpoolReport {
  readonly segments: readonly SegmentReport[];
  readonly bytes: number;
  readonly batches: number;
  readonly rows: number;
  readonly unacknowledged: number;
  /** The newest epoch among checkpoints and batches; undefined in an empty folder. */
  readonly epoch: number | undefined;
  /** Offset by source, that of sources only in batches included. */
  readonly checkpoints: Readonly<Record<string, number>>;
  /** Files that earlier repairs set aside, below `damaged/`. */
  readonly damaged: readonly string[];
  /** Why the checkpoint file is not usable; undefined when it is. */
  readonly checkpointProblem: string | undefined;
}

/** Examines a spool without changing it; also while an agent uses it. */
export async function checkSpool(dir: string, disk: Disk = nodeDisk): Promise<SpoolReport> {
  const state = new SpoolState();
  const checkpointProblem = await state.load(disk, dir);
  const segments: SegmentReport[] = [];
  const names = await listSegments(disk, dir);
  for (const { name } of names) {
    const bytes = (await disk.readFile(join(dir, name))) ?? Buffer.alloc(0);
    const { frames, bad } = scanFrames(bytes);
    for (const { header } of frames) state.advance(header.sources);
    const badBytes = bad.reduce((total, stretch) => total + stretch.size, 0);
    // The tail of the newest segment may be a batch that is just being written, or that a crash cut off.
    const expected =
      name === names.at(-1)?.name && bad.length === 1 && bad[0]!.offset + badBytes === bytes.length;
    segments.push({
      name,
      bytes: bytes.length,
      batches: frames.length,
      rows: frames.reduce((total, { header }) => total + header.rows, 0),
      unacknowledged: frames.filter(({ header }) => !state.isAcknowledged(header.epoch, header.sequence))
        .length,
      problem: badBytes > 0 && !expected ? `${badBytes} bytes belong to no whole batch` : undefined,
    });
  }
  const sum = (of: (segment: SegmentReport) => number): number =>
    segments.reduce((total, segment) => total + of(segment), 0);
  const epoch = Math.max(state.durable.epoch, names.at(-1)?.first.epoch ?? 0);
  return {
    segments,
    bytes: sum((segment) => segment.bytes),
    batches: sum((segment) => segment.batches),
    rows: sum((segment) => segment.rows),
    unacknowledged: sum((segment) => segment.unacknowledged),
    epoch: epoch > 0 ? epoch : undefined,
    checkpoints: Object.fromEntries(state.sources),
    damaged: await disk.list(join(dir, damagedDir)),
    checkpointProblem,
  };
}

/** A batch of a spool: where it lies, and whether a collector has it. */
export interface SpoolFrame {
  readonly header: BatchHeader;
  /** Name of the file, below the spool's folder. */
  readonly segment: string;
  readonly offset: number;
  readonly size: number;
  readonly acknowledged: boolean;
}

/** Finds every whole batch of a folder without changing it. Without a checkpoint file none counts as acknowledged. */
export async function spoolFrames(dir: string, disk: Disk = nodeDisk): Promise<SpoolFrame[]> {
  const state = new SpoolState();
  await state.load(disk, dir);
  const found: SpoolFrame[] = [];
  for (const { name } of await listSegments(disk, dir)) {
    const bytes = (await disk.readFile(join(dir, name))) ?? Buffer.alloc(0);
    for (const { header, offset, size } of scanFrames(bytes).frames) {
      const acknowledged = state.isAcknowledged(header.epoch, header.sequence);
      found.push({ header, segment: name, offset, size, acknowledged });
    }
  }
  return found;
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
