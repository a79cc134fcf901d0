import { join } from "node:path";
import { type Logger, messageOf } from "@vedette/sdk";
import { type Disk, replaceFile } from "./disk.ts";
import { type FoundFrame, scanFrames } from "./scan.ts";
import { comparePlaces, type Place, parseSegmentName, Segment } from "./segment.ts";
import type { SpoolState } from "./state.ts";

/** What opening a spool found and did. */
export interface RecoveryReport {
  frames: number;
  unacknowledged: number;
  /** Bytes of a batch that was being written when the process ended; its lines are read again. */
  tornBytes: number;
  /** Names below `damaged/` of files that were set aside. */
  readonly damaged: string[];
}

export const damagedDir = "damaged";

interface Context {
  readonly disk: Disk;
  readonly dir: string;
  readonly state: SpoolState;
  readonly log: Logger;
  readonly report: RecoveryReport;
}

/** Segment files of a folder in the order of their batches. */
export async function listSegments(disk: Disk, dir: string): Promise<{ name: string; first: Place }[]> {
  return (await disk.list(dir))
    .flatMap((name) => {
      const first = parseSegmentName(name);
      return first ? [{ name, first }] : [];
    })
    .sort((left, right) => comparePlaces(left.first, right.first));
}

/**
 * Brings the segments of a folder into order after any end of the process before. Never refuses:
 * a torn tail is cut off, a damaged file is copied to `damaged/` and what is whole in it is kept.
 */
export async function recoverSegments(context: Context): Promise<Segment[]> {
  const { disk, dir, state, report } = context;
  const segments: Segment[] = [];
  const names = await listSegments(disk, dir);
  for (const [index, { name, first }] of names.entries()) {
    const kept = await recoverOne(context, name, first, index === names.length - 1);
    if (kept.length === 0) {
      await disk.remove(join(dir, name));
      continue;
    }
    const segment = new Segment(disk, join(dir, name), first);
    for (const { header, size } of kept) {
      segment.add(header.sequence, size);
      state.advance(header.sources);
      if (state.isAcknowledged(header.epoch, header.sequence)) segment.noteAcknowledged();
    }
    report.frames += segment.frames;
    report.unacknowledged += segment.unacknowledged;
    segments.push(segment);
  }
  return segments;
}

/** The frames of one file that count, with the file brought to exactly these. */
async function recoverOne(
  context: Context,
  name: string,
  first: Place,
  newest: boolean,
): Promise<readonly FoundFrame[]> {
  const { disk, dir, state, log, report } = context;
  const path = join(dir, name);
  const bytes = (await disk.readFile(path)) ?? Buffer.alloc(0);
  const { frames, bad } = scanFrames(bytes);
  const firstBad = bad[0]?.offset ?? bytes.length;
  let last = -1;
  const kept = frames.filter(({ header, offset }) => {
    const { epoch, sequence } = header;
    // Behind a hole in the newest file only what was known to be on disk counts: a power loss may have kept a
    // later batch of a group and lost an earlier one, whose lines would then be skipped. They are read again.
    const certain = !newest || offset < firstBad || comparePlaces(header, state.durable) <= 0;
    const counts = epoch === first.epoch && sequence > last && certain;
    if (counts) last = sequence;
    return counts;
  });
  const end = kept.reduce((sum, frame) => sum + frame.size, 0);
  if (end === bytes.length) {
    if (newest) await syncSegment(disk, path);
    return kept;
  }
  // What was known to be on disk and is not there now was not torn by a crash.
  const complete = state.durable.epoch !== first.epoch || last >= state.durable.sequence;
  const torn = newest && complete && kept.length === frames.length && bad.length === 1 && firstBad === end;
  if (torn) {
    report.tornBytes += bytes.length - end;
    if (kept.length > 0) await cut(disk, path, end);
    return kept;
  }
  report.damaged.push(name);
  log.error(
    { segment: name, badBytes: bytes.length - end, keptBatches: kept.length, folder: join(dir, damagedDir) },
    "A spool segment is damaged; its whole batches are kept and a copy was set aside.",
  );
  return (await salvage(context, name, bytes, kept)) ? kept : [];
}

async function salvage(
  { disk, dir, log }: Context,
  name: string,
  bytes: Buffer,
  kept: readonly FoundFrame[],
): Promise<boolean> {
  const folder = join(dir, damagedDir);
  try {
    await disk.makeDir(folder);
    await replaceFile(disk, join(folder, name), bytes);
    const whole = Buffer.concat(kept.map(({ offset, size }) => bytes.subarray(offset, offset + size)));
    await replaceFile(disk, join(dir, name), whole);
    return true;
  } catch (error) {
    log.error(
      { segment: name, error },
      "A damaged spool segment could not be copied and was moved aside whole.",
    );
    await disk.rename(join(dir, name), join(folder, name)).catch((failure: unknown) => {
      log.error({ segment: name, reason: messageOf(failure) }, "A damaged spool segment could not be moved.");
    });
    return false;
  }
}

async function cut(disk: Disk, path: string, size: number): Promise<void> {
  const file = await disk.open(path);
  try {
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** After a SIGKILL the newest frames may be in the page cache only; they count from now on, so they must be on disk. */
async function syncSegment(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
