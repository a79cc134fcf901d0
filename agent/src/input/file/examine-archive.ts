import { readSync } from "node:fs";
import { type Fingerprint, fingerprintOf, headBytes, tailBytes } from "./identity.ts";
import { type ArchiveKind, inflate } from "./inflate.ts";
import type { FileRecord } from "./registry.ts";

/** What an archive turned out to hold. */
export interface Finding {
  /** Hash of the beginning of its content. */
  readonly head: Fingerprint;
  /** The generation whose end it holds. */
  readonly known?: FileRecord;
  /** Whether it holds bytes behind the place where that generation is to be resumed. */
  readonly more: boolean;
  /** Uncompressed bytes where it was read to its end. */
  readonly bytes?: number;
  /** Why it could not be read far enough. */
  readonly damage?: string;
}

export interface Question {
  readonly fd: number;
  readonly kind: ArchiveKind;
  readonly size: number;
  /** The generations whose head a content with this beginning has. */
  readonly candidates: (head: Buffer) => readonly FileRecord[];
  readonly resumeAt: (record: FileRecord) => number;
  readonly signal: AbortSignal;
}

/** Finds out by content which generation an archive ends, uncompressing no further than that takes. */
export async function examineArchive(question: Question): Promise<Finding> {
  const { fd, kind, size, resumeAt } = question;
  let damage: string | undefined;
  let bytes: number | undefined;
  let at = 0;
  let head: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  let candidates: readonly FileRecord[] | undefined;
  const confirmed = new Set<FileRecord>();
  const isDone = (): boolean =>
    candidates?.every((each) => at > resumeAt(each) && at >= each.tail.end) ?? false;

  /** Compares what ends within the bytes from `at - tail.length` on. */
  const compare = (window: Buffer, end: number): void => {
    for (const each of candidates ?? []) {
      const from = window.length - (end - each.tail.end) - each.tail.length;
      if (confirmed.has(each) || each.tail.end > end || from < 0) continue;
      const stretch = window.subarray(from, from + each.tail.length);
      if (each.tail.length === 0 || fingerprintOf(stretch, 0).hash === each.tail.hash) confirmed.add(each);
    }
  };
  try {
    for await (const chunk of inflate(fd, kind, size)) {
      if (question.signal.aborted) break;
      const window = Buffer.concat([tail, chunk]);
      at += chunk.length;
      if (!candidates) {
        head = Buffer.concat([head, chunk]);
        if (head.length < headBytes) {
          tail = Buffer.from(window);
          continue;
        }
        head = Buffer.from(head.subarray(0, headBytes));
        candidates = question.candidates(head);
        const read = kind === "gz" ? candidates.find(holdsExactly(fd, size, resumeAt)) : undefined;
        if (read) return { head: fingerprintOf(head), known: read, more: false, bytes: resumeAt(read) };
      }
      compare(window, at);
      tail = Buffer.from(window.subarray(-tailBytes));
      if (isDone()) break;
    }
    if (!isDone()) bytes = at;
  } catch (error) {
    damage = (error as Error).message;
  }
  if (!candidates) {
    candidates = question.candidates(head);
    compare(tail, at);
  }
  // Of two with the same beginning, the one that was read furthest tells most.
  const [known] = [...confirmed]
    .filter((each) => at >= resumeAt(each) && at >= each.head.end)
    .sort((left, right) => right.tail.end - left.tail.end);
  return {
    head: fingerprintOf(head.subarray(0, headBytes)),
    more: known ? at > resumeAt(known) : at > 0,
    ...(known && { known }),
    ...(bytes !== undefined && { bytes }),
    ...(damage !== undefined && { damage }),
  };
}

/**
 * Whether a gzip file holds exactly what was read of a generation, by the length at its end (RFC 1952, ISIZE): saves
 * uncompressing what is rotated day by day and was read long before.
 */
function holdsExactly(
  fd: number,
  size: number,
  resumeAt: (record: FileRecord) => number,
): (record: FileRecord) => boolean {
  const last = Buffer.alloc(4);
  readSync(fd, last, 0, 4, Math.max(0, size - 4));
  const length = last.readUInt32LE();
  return (record) => length === resumeAt(record) % 2 ** 32;
}
